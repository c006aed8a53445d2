/** fathom as its users run it: another process, from its own start to its end. */
import { execa } from 'execa';
import path from 'node:path';

const FATHOM = path.join(import.meta.dirname, '../../bin/fathom.js');

export async function fathom(...args: string[]): Promise<void> {
  await execa('node', [FATHOM, ...args], { stdout: 'ignore', stderr: 'ignore' });
}

/** What it prints, whatever its exit status: a step that nothing can be said of costs as much. */
export async function outputOf(...args: string[]): Promise<string> {
  const { stdout } = await execa('node', [FATHOM, ...args], { stderr: 'ignore', reject: false });
  return stdout;
}

export async function start(): Promise<void> {
  await execa('npm', ['start', '--silent'], {
    cwd: path.dirname(path.dirname(FATHOM)),
    stdout: 'ignore',
    stderr: 'ignore',
  });
}
