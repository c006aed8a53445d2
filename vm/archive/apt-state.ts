/** The private state that apt is given: sources, configuration, environment. */
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hostArchitecture } from '../architecture.ts';
import { UnsupportedError } from '../errors.ts';
import type { Mirrors } from './mirrors.ts';
import { SUITES, type Suite } from './suites.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** apt's own reader of compressed indexes and fetcher of files; not in PATH. */
export const APT_HELPER = '/usr/lib/apt/apt-helper';
const TIMEOUT_MS = 10 * 60_000;

/** Throws UnsupportedError when apt or Debian's keyring is missing. */
export async function requireApt(): Promise<void> {
  for (const [file, what] of [
    [APT_HELPER, 'apt'],
    [KEYRING, 'debian-archive-keyring'],
  ] as const) {
    await access(file).catch(() => {
      throw new UnsupportedError(what, {
        message: `Debian's packages are fetched by apt and checked against Debian's keyring, and ${file} is not there`,
        remedy: `apt-get install ${what}`,
      });
    });
  }
}

/** apt reads this after the machine's own configuration, so proxies stay as they are, and hooks are cleared. */
export async function writeAptState(state: string, mirrors: Mirrors): Promise<void> {
  const { debian } = hostArchitecture();
  await mkdir(path.join(state, 'lists', 'partial'), { recursive: true });
  await mkdir(path.join(state, 'cache', 'archives', 'partial'), { recursive: true });
  await writeWhole(path.join(state, 'sources.list'), sourceLines(mirrors, SUITES));
  await writeWhole(
    path.join(state, 'apt.conf'),
    `#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "${state}/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferences "-";
Dir::Etc::preferencesparts "-";
Dir::State "${state}";
Dir::State::lists "lists";
Dir::State::status "/dev/null";
Dir::Cache "${state}/cache";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Log "${state}";
APT::Sandbox::User "root";
APT::Architecture "${debian}";
APT::Architectures "${debian}";
APT::Default-Release "";
APT::Get::AllowUnauthenticated "false";
APT::Update::Error-Mode "any";
Acquire::AllowInsecureRepositories "false";
Acquire::GzipIndexes "true";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
`,
  );
}

/** These suites as sources.list(5) has them, those whose archive is not known left out. */
export function sourceLines(mirrors: Mirrors, suites: readonly Suite[]): string {
  const lines = suites.flatMap(({ name, archive }) => {
    const uri = mirrors[archive];
    const { debian } = hostArchitecture();
    return uri === undefined ? [] : [`deb [arch=${debian} signed-by=${KEYRING}] ${uri} ${name} main\n`];
  });
  return lines.join('');
}

/** Options to start apt's programs with. */
export function withAptState(state: string, signal: AbortSignal) {
  return {
    env: { APT_CONFIG: path.join(state, 'apt.conf'), LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    cancelSignal: signal,
    timeout: TIMEOUT_MS,
    stdin: 'ignore',
  } as const;
}

/** A reader sees the old file or the new one. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const partial = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(partial, text);
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}
