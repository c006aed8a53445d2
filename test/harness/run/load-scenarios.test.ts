import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { listScenarios, loadScenarios } from '../../../harness/run/load-scenarios.ts';

const DESTRUCTIVE = 'erofs-device-nesting';
const RARE = ['ecryptfs', 'ecryptfs-under-overlay'];

t.test(
  'given the checkout, then its scenarios are listed by group and name, and each loads and can be meant',
  async (t) => {
    const listed = await listScenarios();
    t.ok(listed.some(({ name, group }) => name === 'fedora-coreos-2087' && group === 'reports'));
    const loaded = await loadScenarios([]);
    t.same(
      loaded.map(({ name }) => name),
      listed.map(({ name }) => name).filter((name) => name !== DESTRUCTIVE && !RARE.includes(name)),
      'all but what crashes the guest, and what needs what few kernels have',
    );
  },
);

t.test(
  'given a destructive scenario, then it runs when it is named itself, not with its group or with all',
  async (t) => {
    const named = async (...wanted: readonly string[]) => (await loadScenarios(wanted)).map(({ name }) => name);
    t.same(await named(DESTRUCTIVE), [DESTRUCTIVE]);
    t.same(await named(`stack/${DESTRUCTIVE}`), [DESTRUCTIVE]);
    t.same(await named('stack', DESTRUCTIVE), [...(await named('stack')), DESTRUCTIVE]);
    t.notOk((await named('stack')).includes(DESTRUCTIVE));
    t.notOk((await named()).includes(DESTRUCTIVE));
    const file = path.resolve('scenarios', 'stack', `${DESTRUCTIVE}.ts`);
    t.same(await named(file), [DESTRUCTIVE], 'or by its file');
  },
);

t.test('given a scenario for few kernels, then it runs when it or its group is named, not with all', async (t) => {
  const named = async (...wanted: readonly string[]) => (await loadScenarios(wanted)).map(({ name }) => name);
  for (const rare of RARE) {
    t.same(await named(rare), [rare]);
    t.ok((await named('stackers')).includes(rare));
    t.notOk((await named()).includes(rare));
  }
});

t.test('given a name, a group, or both, then each scenario is there once', async (t) => {
  const names = (await loadScenarios(['fedora-coreos-2087', 'reports', 'layouts/android-apex'])).map(
    ({ name }) => name,
  );
  t.same(names, ['fedora-coreos-2087', 'android-apex']);
});

t.test('given a name that is none, then the ones there are are named', async (t) => {
  await t.rejects(loadScenarios(['no-such']), { name: 'UsageError', message: /no-such.*fedora-coreos-2087/ });
});

t.test('given files that are no scenarios, then each is refused with its reason', async (t) => {
  const place = t.testdir({});
  await mkdir(path.join(place, 'scenarios'), { recursive: true });
  const file = async (name: string, text: string) => {
    await writeFile(path.join(place, `${name}.mjs`), text);
    return path.join(place, `${name}.mjs`);
  };
  await t.rejects(loadScenarios([await file('throws', 'throw new Error("on purpose");')]), {
    name: 'UsageError',
    message: /on purpose/,
  });
  await t.rejects(loadScenarios([await file('waits', 'await new Promise(() => undefined);')]), {
    name: 'UsageError',
    message: /never comes to its end/,
  });
  await t.rejects(loadScenarios([await file('ends', 'process.exit(0);')]), {
    name: 'UsageError',
    message: /never comes to its end/,
  });
  await t.rejects(loadScenarios([await file('empty', 'export default 7;')]), {
    name: 'UsageError',
    message: /no scenario as its default export/,
  });
  await t.rejects(
    loadScenarios([await file('other', 'export default { name: "another", shows: "", about: [], steps: [] };')]),
    { name: 'UsageError', message: /must be the same/ },
  );
  await t.rejects(
    loadScenarios([await file('stepless', 'export default { name: "stepless", shows: "", about: [], steps: [] };')]),
    { name: 'UsageError', message: /it has no steps/ },
  );
});

t.test('given a file that never comes to its end, then it is given up, at once when that is asked for', async (t) => {
  const file = path.join(t.testdir({ 'loops.mjs': 'for (;;);' }), 'loops.mjs');
  const began = performance.now();
  await t.rejects(loadScenarios([file], AbortSignal.timeout(500)), { name: 'TimeoutError' });
  t.ok(performance.now() - began < 5_000);
  await t.rejects(loadScenarios([file]), { name: 'UsageError', message: /is not loaded after \d+ s/ });
});
