/** A copy of this checkout to be broken, with the installed npm packages linked in. */
import { cp, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa, type Options } from 'execa';
import type { Test } from 'tap';

export const root = path.join(import.meta.dirname, '../..');

const files = [
  'bin',
  'harness',
  'vm',
  'scenarios',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

/** Its times are those of the originals, since set-up goes by them; it is removed when the test has ended. */
export async function copyOfCheckout(t: Test, { built }: { readonly built: boolean }): Promise<string> {
  if (built) await fathom(root, '--version');
  const copy = t.testdir();
  const names = built ? [...files, 'dist'] : files;
  for (const name of names) {
    await cp(path.join(root, name), path.join(copy, name), { recursive: true, preserveTimestamps: true });
  }
  if (built) await utimes(path.join(copy, 'dist/.built'), new Date(), new Date());
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

export interface Said {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export async function fathom(place: string, ...args: readonly string[]): Promise<Said> {
  return node(place, 'bin/fathom.js', args);
}

/** Node without what tap adds to its children: a loader, and a record of each process. */
export async function node(
  place: string,
  script: string,
  args: readonly string[] = [],
  options: Options = {},
): Promise<Said> {
  const { NODE_OPTIONS: _loader, FORCE_COLOR: _colour, ...inherited } = process.env;
  const env = { ...inherited, NO_COLOR: '1', ...options.env };
  const { exitCode, stdout, stderr } = await execa(process.execPath, [path.join(place, script), ...args], {
    ...options,
    reject: false,
    extendEnv: false,
    env,
  });
  return { exitCode, stdout: String(stdout), stderr: String(stderr) };
}

/** Saves a file so that it is newer than all that was made before: a file's time may lag a clock tick behind. */
export async function save(file: string, text: string): Promise<void> {
  await writeFile(file, text);
  const later = new Date(Date.now() + 20);
  await utimes(file, later, later);
}
