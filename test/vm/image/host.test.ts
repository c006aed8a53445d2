/** What the host's own filesystem does must not show in an image. */
import { mkdtemp, readFile, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { buildErofs } from '../../../vm/image/erofs.ts';
import type { ErofsSpec } from '../../../vm/image/spec.ts';
import { directory, text } from '../../../vm/image/tree.ts';
import { useCache } from './cache.ts';

const { signal } = new AbortController();
const TMPFS_MAGIC = 0x01021994;
const shm = await statfs('/dev/shm').catch(() => undefined);
const skip = shm?.type === TMPFS_MAGIC ? false : 'no tmpfs at /dev/shm';

const many: ErofsSpec = {
  kind: 'erofs',
  tree: directory({
    d: directory(Object.fromEntries(Array.from({ length: 400 }, (_none, i) => [`${i}`, text(`${i}`.repeat(200))]))),
    e: text('e'),
  }),
};

t.test('given a cache on tmpfs and one elsewhere, when built, then the images are the same', { skip }, async (t) => {
  useCache(t);
  const here = await readFile((await buildErofs(many, { signal })).image);
  const place = await mkdtemp(path.join('/dev/shm', 'fathom-test-'));
  t.teardown(async () => rm(place, { recursive: true, force: true }));
  process.env['FATHOM_CACHE'] = path.join(place, 'cache');
  const there = await readFile((await buildErofs(many, { signal })).image);
  t.equal(here.compare(there), 0);
});
