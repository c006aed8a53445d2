/** A cache of the test's own, and processes of the test's own that use it. */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';

export function temporaryCache(t: Test): string {
  const root = t.testdir();
  const before = process.env['FATHOM_CACHE'];
  process.env['FATHOM_CACHE'] = root;
  t.teardown(() => {
    if (before === undefined) delete process.env['FATHOM_CACHE'];
    else process.env['FATHOM_CACHE'] = before;
  });
  return root;
}

const script = path.join(import.meta.dirname, 'other-process.ts');

export interface OtherProcess {
  readonly pid: number;
  /** Waits until it has said the line. Rejects when it ends without. */
  said(line: string): Promise<void>;
  goOn(): void;
  /** SIGKILL: it has no time to clean up. */
  kill(): Promise<void>;
  ended(): Promise<void>;
}

/** Runs other-process.ts, with the loader that this process has from tap; it does not outlive the test. */
export function otherProcess(t: Test, root: string, key: string): OtherProcess {
  const env = { ...process.env, FATHOM_CACHE: root };
  const child = spawn(process.execPath, [...process.execArgv, script, key], { env });
  const ending = once(child, 'close');
  const changes = new EventEmitter();
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    changes.emit('change');
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.on('close', () => changes.emit('change'));
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ending;
  };
  t.teardown(kill);
  return {
    pid: child.pid ?? 0,
    async said(line) {
      while (!lines.includes(line)) {
        if (child.exitCode !== null) throw new Error(`it ended without saying "${line}": ${stderr}`);
        await once(changes, 'change');
      }
    },
    goOn: () => void child.stdin.write('go on\n'),
    kill,
    async ended() {
      await ending;
    },
  };
}
