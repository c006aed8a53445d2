import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { contentOf, digestOf, writeContent } from '../../../vm/image/content.ts';

// For ever: evidence of old runs is checked against them. Made with `openssl enc -aes-128-ctr`, not with this code.
const GOLDEN = [
  [{ seed: 'a', sizeBytes: 0 }, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  [{ seed: 'a', sizeBytes: 1 }, '36a9e7f1c95b82ffb99743e0c5c4ce95d83c9a430aac59f84ef3cbfab6145068'],
  [{ seed: 'a', sizeBytes: 4096 }, '650ded05ca62912b1d978851563f61545f4a368a4783226ed161d235bcadf1f0'],
  [{ seed: 'a', sizeBytes: 4096, zeros: 0 }, '4ca690beb9ed3f002d77bdc403486e3890a46e4fb4a858eb972db17bc7e76233'],
  [{ seed: 'fathom', sizeBytes: 10_000_001 }, '5bbcfa86b07a104d9499fe49f49bcac18e5bc6b8e942e1f2e8c696a728603d43'],
  [
    { seed: 'fathom', sizeBytes: 10_000_001, zeros: 0.9 },
    '015115dac882aa8f5c13d2042864a6f860b7b1ac89de7021fdee2d64242574fa',
  ],
  [{ seed: 'ü', sizeBytes: 100_000, zeros: 1 }, '9192c25b734fcbadbe32dadc28089c60db0e39f90cc20ce2e5733f57261acc0c'],
] as const;

for (const [content, sha256] of GOLDEN) {
  t.test(`given ${JSON.stringify(content)}, when digested, then it is as it always was`, (t) => {
    t.same(digestOf({ kind: 'seeded', ...content }), { sha256, sizeBytes: content.sizeBytes });
    t.end();
  });
}

t.test('given any content, when made, written and digested, then all three agree', async (t) => {
  const directory = t.testdir();
  const { signal } = new AbortController();
  for (const sizeBytes of [0, 1, 2047, 2048, 2049, 4095, 4097, 1024 ** 2 - 1, 1024 ** 2, 3 * 1024 ** 2 + 5]) {
    const content = { kind: 'seeded', seed: 's', sizeBytes } as const;
    const made = contentOf(content);
    t.equal(made.length, sizeBytes);
    t.equal(createHash('sha256').update(made).digest('hex'), digestOf(content).sha256);
    await writeContent(`${directory}/${sizeBytes}`, content, signal);
    t.equal(made.compare(await readFile(`${directory}/${sizeBytes}`)), 0);
  }
});

t.test('given one seed and two sizes, when made, then the shorter is the beginning of the longer', (t) => {
  const long = contentOf({ kind: 'seeded', seed: 's', sizeBytes: 2 * 1024 ** 2 + 77 });
  for (const sizeBytes of [1, 3000, 4096, 1024 ** 2 + 1])
    t.equal(contentOf({ kind: 'seeded', seed: 's', sizeBytes }).compare(long.subarray(0, sizeBytes)), 0);
  t.end();
});

t.test('given a share of zeros, when made, then each block ends in that share and begins in none', (t) => {
  const content = contentOf({ kind: 'seeded', seed: 's', sizeBytes: 3 * 4096, zeros: 0.25 });
  for (let block = 0; block < content.length; block += 4096) {
    t.ok(content.subarray(block + 3072, block + 4096).every((byte) => byte === 0));
    t.ok(content.subarray(block, block + 3072).filter((byte) => byte === 0).length < 60);
  }
  t.end();
});

t.test('given text, when made, then it is its UTF-8', (t) => {
  t.same(contentOf({ kind: 'text', text: 'é\n' }), Buffer.from([0xc3, 0xa9, 0x0a]));
  t.equal(digestOf({ kind: 'text', text: 'é\n' }).sizeBytes, 3);
  t.end();
});

t.test('given 256 MiB, when digested, then it takes less than 10 ms per MB', (t) => {
  const start = performance.now();
  const sizeBytes = 256 * 1024 ** 2;
  digestOf({ kind: 'seeded', seed: 'speed', sizeBytes });
  const rate = sizeBytes / 1e6 / ((performance.now() - start) / 1000);
  t.comment(`${rate.toFixed(0)} MB/s`);
  t.ok(rate > 100);
  t.end();
});

t.test('given an aborted signal, when written, then the reason comes back', async (t) => {
  const signal = AbortSignal.abort(new Error('no'));
  await t.rejects(writeContent(`${t.testdir()}/a`, { kind: 'text', text: 'a' }, signal), { message: 'no' });
});
