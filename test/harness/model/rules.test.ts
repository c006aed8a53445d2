/** The table of rules is whole: each id stands in the model, as a check, as data or as a comment that says why not. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { imageFactsOf } from '../../../harness/model/image-facts.ts';
import { INCOMPAT } from '../../../harness/model/erofs-history.ts';
import { erofsImage } from '../../../harness/topology/builders.ts';

const model = path.join(import.meta.dirname, '../../../harness/model');

function ids(letter: string, first: number, last: number): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${letter}${first + index}`);
}

t.test('each rule of D, E and L is in the model by its id', async (t) => {
  const names = (await readdir(model, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const texts = await Promise.all(names.map((name) => readFile(path.join(model, name), 'utf8')));
  const named = new Set(texts.join('\n').match(/\b[DEL]\d+\b/g));
  for (const id of ranges(texts.join('\n'))) named.add(id);
  for (const id of [...ids('D', 0, 11), ...ids('E', 0, 30), ...ids('L', 0, 7)]) t.ok(named.has(id), id);
});

/** `D7 to D9` names three. */
function ranges(text: string): readonly string[] {
  return [...text.matchAll(/\b([DEL])(\d+) to \1(\d+)\b/g)].flatMap(([, letter, first, last]) =>
    ids(letter!, Number(first), Number(last)),
  );
}

const IMAGES = [
  ['plain', {}, 0],
  ['lz4', { compression: { algorithm: 'lz4' } }, INCOMPAT.zeroPadding],
  ['lz4hc', { compression: { algorithm: 'lz4hc' } }, INCOMPAT.zeroPadding],
  ['zstd', { compression: { algorithm: 'zstd' } }, INCOMPAT.zeroPadding | INCOMPAT.comprCfgs],
  ['lz4 of old', { compression: { algorithm: 'lz4' }, features: ['legacy-compress'] }, 0],
  ['chunks and a blob', { chunkBytes: 4096, blobs: 1 }, INCOMPAT.chunkedFile | INCOMPAT.deviceTable],
  ['inline tails', { features: ['ztailpacking'] }, INCOMPAT.ztailpacking],
  ['fragments', { features: ['all-fragments', 'dedupe'] }, INCOMPAT.fragmentsOrDedupe],
] as const;

for (const [title, options, incompat] of IMAGES)
  t.test(`an image with ${title} has the incompatible features 0x${incompat.toString(16)}`, (t) => {
    t.equal(imageFactsOf(erofsImage({}, options)).incompat, incompat);
    t.end();
  });

t.test('an image says its block size, its algorithm and its blobs', (t) => {
  const image = erofsImage({}, { blockBytes: 512, blobs: 1, compression: { algorithm: 'lz4hc' } });
  t.match(imageFactsOf(image), { blkszbits: 9, extraDevices: 1, untaggedDevices: 1, compression: 'lz4' });
  t.match(imageFactsOf(erofsImage({})), { blkszbits: 12, extraDevices: 0, compression: undefined });
  t.end();
});
