/** fathom as its users run it: another process, from its own start to its end. */
import { execa } from 'execa';
import path from 'node:path';

const FATHOM = path.join(import.meta.dirname, '../../bin/fathom.js');

export async function fathom(...args: string[]): Promise<void> {
  await execa('node', [FATHOM, ...args], { stdout: 'ignore', stderr: 'ignore' });
}

export async function start(): Promise<void> {
  await execa('npm', ['start', '--silent'], {
    cwd: path.dirname(path.dirname(FATHOM)),
    stdout: 'ignore',
    stderr: 'ignore',
  });
}
