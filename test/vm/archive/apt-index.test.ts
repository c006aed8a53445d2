import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import { complaintsOf, openIndex } from '../../../vm/archive/apt-index.ts';
import { resolveKernel } from '../../../vm/kernel/resolve.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const mirrors = { main: 'file:/nowhere/debian', security: undefined };
const old = {
  v: 2,
  attempted: 0,
  refreshed: 0,
  notes: [],
  packages: [
    {
      name: 'linux-image-6.17.13+deb13-cloud-amd64',
      version: '6.17.13-1~bpo13+1',
      suite: 'trixie-backports',
      path: 'pool/main/l/x.deb',
      sha256: 'abc',
      sizeBytes: 1,
      depends: [],
    },
  ],
};

/** A fresh cache, and what opening the index in it says. */
function withCache(t: Test) {
  const cache = t.testdir();
  process.env['FATHOM_CACHE'] = cache;
  t.teardown(() => delete process.env['FATHOM_CACHE']);
  const said: string[] = [];
  const open = (now: number, signal = new AbortController().signal) =>
    openIndex({ mirrors, maxAgeMs: 6 * HOUR_MS, signal, onProgress: (text) => said.push(text), now: () => now });
  const state = async (): Promise<string> => {
    const names = (await readdir(path.join(cache, 'index'))).filter((name) => !name.includes('.'));
    return path.join(cache, 'index', names[0]!);
  };
  return { said, open, state };
}

t.test('given a mirror that cannot be reached and no index, then it is said which and what to do', async (t) => {
  const { open, state } = withCache(t);
  await t.rejects(open(HOUR_MS), { name: 'HarnessError', message: /file:\/nowhere\/debian(.|\n)*--mirror/ });
  t.strictSame(
    (await readdir(path.dirname(await state()))).filter((name) => name.endsWith('.lock')),
    [],
    'no lock is left',
  );
  await t.rejects(resolveKernel('debian:6.17.13', { mirror: mirrors.main, signal: new AbortController().signal }), {
    name: 'HarnessError',
  });
});

t.test('given a mirror that cannot be reached and an old index, then that is used, and said to be old', async (t) => {
  const { open, state, said } = withCache(t);
  await t.rejects(open(HOUR_MS));
  const digest = path.join(await state(), 'packages.json');
  await writeFile(digest, JSON.stringify(old));
  const now = 10 * HOUR_MS;
  const index = await open(now);
  t.strictSame(index.packages, old.packages);
  t.strictSame(index.refreshed, new Date(0));
  t.match(index.notes[0], /could not be refreshed, the index of 1970-01-01T00:00:00.000Z is used/);
  const asked = (): number => said.filter((text) => text.startsWith('asking the mirror')).length;
  said.length = 0;
  t.strictSame((await open(now + MINUTE_MS)).packages, old.packages);
  t.strictSame(said, [], 'asked a minute ago: not asked again');
  await open(now + HOUR_MS);
  t.equal(asked(), 1, 'asked an hour ago: asked again');
  await open(now - HOUR_MS);
  t.equal(asked(), 2, 'asked in the future: the clock was wrong, asked again');
});

t.test(
  'given a fresh index, then no program is run; given one that cannot be read, then it is made anew',
  async (t) => {
    const { open, state, said } = withCache(t);
    await t.rejects(open(HOUR_MS));
    said.length = 0;
    const digest = path.join(await state(), 'packages.json');
    await writeFile(digest, JSON.stringify({ ...old, refreshed: HOUR_MS, attempted: HOUR_MS }));
    const search = process.env['PATH'];
    process.env['PATH'] = '';
    t.teardown(() => (process.env['PATH'] = search));
    t.equal((await open(6 * HOUR_MS)).packages.length, 1);
    t.strictSame(said, []);
    process.env['PATH'] = search;
    for (const text of ['', '{', '{"v":1}', JSON.stringify({ ...old, packages: [{}] })]) {
      await writeFile(digest, text);
      await t.rejects(open(HOUR_MS), { name: 'HarnessError' }, text);
    }
    t.not(await readFile(digest, 'utf8'), '', 'no index, no digest');
  },
);

t.test('given an abort, then it is obeyed and nothing is left', async (t) => {
  const { open, state } = withCache(t);
  const controller = new AbortController();
  const opened = open(HOUR_MS, controller.signal);
  setTimeout(() => {
    controller.abort(new Error('enough'));
  }, 20);
  await t.rejects(opened, { message: /enough|no kernel package/ });
  t.strictSame(
    (await readdir(path.dirname(await state()))).filter((name) => name.endsWith('.lock')),
    [],
  );
  const before = new AbortController();
  before.abort(new Error('beforehand'));
  await t.rejects(resolveKernel('host', { signal: before.signal }), { message: 'beforehand' });
});

t.test('given what apt-get update says, then what may come another time is told from what will not', (t) => {
  const unreachable = `W: Failed to fetch http://a.example.org/debian/dists/sid/InRelease  Could not connect
E: Some index files failed to download. They have been ignored, or old ones used instead.`;
  t.match(complaintsOf(100, unreachable), { failed: { length: 2 }, skipped: [] });
  const lacking = "E: The repository 'http://a.example.org/debian nosuchsuite Release' does not have a Release file.";
  t.strictSame(complaintsOf(100, lacking), { failed: [], skipped: [lacking.slice(3)] });
  const expired = 'E: Release file for http://a.example.org/InRelease is expired (invalid since 10d).';
  t.match(complaintsOf(100, `${expired}\n${unreachable}`), { failed: { length: 2 }, skipped: [expired.slice(3)] });
  t.strictSame(complaintsOf(0, 'W: Key is stored in legacy trusted.gpg keyring'), { failed: [], skipped: [] });
  t.strictSame(complaintsOf(0, ''), { failed: [], skipped: [] });
  t.match(complaintsOf(1, 'Segmentation fault'), { failed: [/ended with 1: Segmentation fault/], skipped: [] });
  t.end();
});

t.test('given files that are no packages, then they are refused as such', async (t) => {
  const directory = t.testdir({ 'text.deb': 'no package', 'empty.deb': '' });
  const refused = async (file: string, message: RegExp): Promise<void> => {
    await t.rejects(resolveKernel(`deb:${path.join(directory, file)}`, { signal: new AbortController().signal }), {
      name: 'UsageError',
      message,
    });
  };
  await refused('text.deb', /not a Debian package/);
  await refused('empty.deb', /not a Debian package/);
  await refused('absent.deb', /cannot read/);
});
