/** Static programs are told from others. */
import t from 'tap';
import { isStatic } from '../../../vm/tools/static-program.ts';
import { buildAgent } from '../../../vm/agent/build.ts';

t.test('given the agent, which is linked statically, then it is static', async (t) => {
  const { path } = await buildAgent({ signal: new AbortController().signal });
  t.equal(await isStatic(path), true);
});

t.test('given a program with a dynamic loader, a text, or an empty file, then it is not', async (t) => {
  const directory = t.testdir({ text: '#!/bin/sh\n'.padEnd(100, '#'), empty: '' });
  t.equal(await isStatic(process.execPath), false);
  t.equal(await isStatic(`${directory}/text`), false);
  t.equal(await isStatic(`${directory}/empty`), false);
  await t.rejects(isStatic(`${directory}/absent`), { code: 'ENOENT' });
});
