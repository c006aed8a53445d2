/** The agent as an ordinary process under the sanitizers: a report of theirs ends it with a status that no test accepts. */
import type { Test } from 'tap';
import { execa } from 'execa';
import { buildAgent } from '../../../vm/agent/build.ts';
import { converse, type Conversation } from './conversation.ts';

export const isRoot = process.getuid?.() === 0;
/** For tap's `skip`: plans run in a mount namespace, which takes privilege. */
export const needsRoot = isRoot ? false : 'not root: no mount namespace can be made';

export interface StdioAgent extends Conversation {
  readonly pid: number;
  /** The pids of its present children. */
  children(): Promise<readonly number[]>;
  /** Closes its input and waits for its end. */
  end(): Promise<{ readonly exitCode: number | undefined; readonly stderr: string }>;
}

export async function startAgent(t: Test): Promise<StdioAgent> {
  const { path } = await buildAgent({ signal: AbortSignal.timeout(120_000), sanitize: true });
  const child = execa(path, ['--stdio'], {
    reject: false,
    buffer: { stdout: false, stderr: true },
    stdin: 'pipe',
    env: { ASAN_OPTIONS: 'detect_leaks=1' },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`the agent did not start: ${(await child).message}`);
  const conversation = converse(child.stdout, child.stdin);
  const end = async (): Promise<{ exitCode: number | undefined; stderr: string }> => {
    child.stdin.end();
    const { exitCode, stderr } = await child;
    return { exitCode, stderr };
  };
  t.teardown(async () => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await child;
    clearTimeout(timer);
  });
  await conversation.next('hello');
  const children = async (): Promise<readonly number[]> => {
    const { stdout } = await execa('cat', [`/proc/${pid}/task/${pid}/children`]);
    return stdout.trim().split(' ').filter(Boolean).map(Number);
  };
  return { ...conversation, pid, children, end };
}
