/** Reading a file in every way gives the bytes that are in it, and says which call failed where it does not. */
import { createHash } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import { selfPrinting } from '../../../harness/topology/self-printing.ts';
import { operation, type StepResult } from '../../../vm/agent/protocol.ts';
import { CONTENTS_WAYS } from '../../../vm/agent/ways.ts';
import { planOf } from './conversation.ts';
import { needsRoot, startAgent } from './stdio.ts';

/** Neither a multiple of a page nor of a piece; longer than a pipe. */
const BYTES = Buffer.from(Array.from({ length: 300_001 }, (_, index) => (index * 7) % 251));
const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

async function readAll(
  t: Test,
  files: Readonly<Record<string, { readonly path: string; readonly how: (typeof CONTENTS_WAYS)[number] }>>,
): Promise<Readonly<Record<string, StepResult>>> {
  const agent = await startAgent(t);
  const { results } = await agent.run(
    planOf(
      Object.fromEntries(Object.entries(files).map(([name, what]) => [name, { op: 'read-by', ...what } as const])),
    ),
  );
  t.same(await agent.end(), { exitCode: 0, stderr: '' });
  return Object.fromEntries(results.map((result) => [result.step, result]));
}

await t.test('given a file, when it is read in each way, then its bytes come back', { skip: needsRoot }, async (t) => {
  const directory = t.testdir({});
  const at = (name: string): string => path.join(directory, name);
  const program = selfPrinting.kind === 'file' && selfPrinting.content.kind === 'text' ? selfPrinting.content.text : '';
  await writeFile(at('file'), BYTES);
  await writeFile(at('empty'), '');
  await writeFile(at('program'), program);
  await chmod(at('program'), 0o755);
  const whole = Object.fromEntries(
    CONTENTS_WAYS.map((how) => [how, { path: at(how === 'exec' ? 'program' : 'file'), how }]),
  );
  const empty = Object.fromEntries(
    CONTENTS_WAYS.filter((how) => how !== 'exec').map((how) => [`nothing by ${how}`, { path: at('empty'), how }]),
  );
  const results = await readAll(t, { ...whole, ...empty });
  for (const how of CONTENTS_WAYS) {
    // A filesystem without O_DIRECT says so.
    if (how === 'direct' && results[how]?.errno === 'EINVAL') continue;
    const bytes = how === 'exec' ? program : BYTES;
    t.match(results[how], { ok: true, sha256: sha256(bytes), sizeBytes: bytes.length }, how);
    if (how !== 'exec') t.match(results[`nothing by ${how}`], { ok: true, sha256: sha256(''), sizeBytes: 0 }, how);
  }
});

await t.test(
  'given what cannot be read so, when it is, then errno and call are told, and of a program its end',
  { skip: needsRoot },
  async (t) => {
    const directory = t.testdir({ file: 'no program', text: '#!/bin/sh\necho x\nexit 3\n' });
    const at = (name: string): string => path.join(directory, name);
    await mkdir(at('dir'));
    await chmod(at('text'), 0o755);
    const results = await readAll(t, {
      absent: { path: at('absent'), how: 'mmap' },
      'mmap of a directory': { path: at('dir'), how: 'mmap' },
      'pread of a directory': { path: at('dir'), how: 'pread' },
      'sendfile of a directory': { path: at('dir'), how: 'sendfile' },
      'no mode for it': { path: at('file'), how: 'exec' },
      'another end': { path: at('text'), how: 'exec' },
      after: { path: at('file'), how: 'readv' },
    });
    t.match(results, {
      absent: { ok: false, call: 'open', errno: 'ENOENT' },
      'mmap of a directory': { ok: false, call: 'mmap', errno: 'ENODEV' },
      'pread of a directory': { ok: false, call: 'pread', errno: 'EISDIR' },
      'sendfile of a directory': { ok: false, call: 'sendfile' },
      'no mode for it': { ok: false, call: 'execve', errno: 'EACCES' },
      'another end': { ok: false, call: 'exec (exit status)', errno: 'EIO' },
      after: { ok: true, sha256: sha256('no program') },
    });
  },
);

await t.test('given ways that give no contents, then both halves of the protocol refuse them', async (t) => {
  const agent = await startAgent(t);
  for (const how of ['read', 'getdents', 'readlink', 'getxattr', 'copy_file_range', 'chmod', 'churn', 'nonsense']) {
    t.notOk(operation.safeParse({ op: 'read-by', path: '/x', how }).success, how);
    agent.send(planOf({ step: { op: 'read-by', path: '/x', how } as never }));
    t.match((await agent.next('fault')).reason, /operation\.how: (unknown way|.* gives no contents)/, how);
  }
  t.same(await agent.end(), { exitCode: 0, stderr: '' });
});
