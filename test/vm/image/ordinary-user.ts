/**
 * Runs builder.ts as an ordinary user: whoever runs the tests, or nobody when that is root. tap's own loader keeps a
 * cache and a socket that nobody cannot use, so vm/ is compiled into a directory of nobody's first.
 */
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import type { Test } from 'tap';
import ts from 'typescript';
import type { DiskSpec, ErofsSpec } from '../../../vm/image/spec.ts';

const NOBODY = 65534;
const checkout = path.resolve(import.meta.dirname, '../../..');

export interface OrdinaryUser {
  /** Owned by the user, with the user's cache in `cache`; gone after the test. */
  readonly root: string;
  /** Starts a build; its process can be told to abort with SIGTERM. */
  build(spec: DiskSpec | ErofsSpec): { readonly abort: () => void; readonly outcome: Promise<Outcome> };
  leftovers(): Promise<readonly string[]>;
}

export interface Outcome {
  readonly uid: number;
  readonly file?: string;
  readonly error?: string;
}

export async function ordinaryUser(t: Test): Promise<OrdinaryUser> {
  const root = await mkdtemp(path.join(tmpdir(), 'fathom-ordinary-user-'));
  t.teardown(async () => rm(root, { recursive: true, force: true }));
  await compile(path.join(root, 'code'));
  const isRoot = process.geteuid?.() === 0;
  await chmod(root, 0o755);
  if (isRoot) await chown(root, NOBODY, NOBODY);
  const as = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'] : [];
  return {
    root,
    build: (spec) => {
      const [file, ...args] = [
        ...as,
        process.execPath,
        path.join(root, 'code/test/vm/image/builder.js'),
        JSON.stringify(spec),
      ];
      const child = execa(file, args, {
        cwd: root,
        env: { PATH: process.env['PATH'], HOME: root, FATHOM_CACHE: path.join(root, 'cache') },
        extendEnv: false,
      });
      return { abort: () => child.kill('SIGTERM'), outcome: child.then(({ stdout }) => JSON.parse(stdout) as Outcome) };
    },
    leftovers: async () =>
      (await readdir(path.join(root, 'cache'), { recursive: true })).filter((name) => /\.building|staging/.test(name)),
  };
}

async function compile(to: string): Promise<void> {
  const sources = (await readdir(path.join(checkout, 'vm'), { recursive: true }))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join('vm', name));
  const compilerOptions: ts.CompilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    rewriteRelativeImportExtensions: true,
    verbatimModuleSyntax: true,
  };
  for (const source of [...sources, 'test/vm/image/builder.ts']) {
    const { outputText } = ts.transpileModule(await readFile(path.join(checkout, source), 'utf8'), { compilerOptions });
    const target = path.join(to, source.replace(/\.ts$/, '.js'));
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, outputText);
  }
  await writeFile(path.join(to, 'package.json'), '{ "type": "module" }');
  await symlink(path.join(checkout, 'node_modules'), path.join(to, 'node_modules'));
}
