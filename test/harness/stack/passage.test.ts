import t from 'tap';
import { explain } from '../../../harness/stack/explain.ts';
import { notPassed } from '../../../harness/stack/passage.ts';
import type { Stage } from '../../../harness/stack/predict.ts';
import { copyUp, only, read } from './tables.ts';

const overlay: Stage = { kind: 'overlay', name: 'overlay' };
const erofs: Stage = { kind: 'erofs', name: 'erofs' };
const on = (name: string): Stage => ({ kind: 'backing', name });

t.test("given the mail's tables and the mounts that they were taken on, then all are passed", async (t) => {
  for (const text of [copyUp, read])
    t.strictSame(notPassed([overlay, overlay, erofs, on('xfs')], explain(only(text))), []);
});

t.test('given mounts that the path does not pass, then each is named as its account would be', async (t) => {
  const table = explain(only(read));
  t.strictSame(notPassed([overlay, overlay, overlay, erofs, erofs, on('ext4')], table), [
    'overlay 3',
    'erofs 2',
    'ext4',
  ]);
  t.strictSame(notPassed([overlay], { accounts: [] }), ['overlay 1']);
});

t.test("given pages that no frame says whose they are, then they are the lowest mount's and no other's", async (t) => {
  const pages = { kind: 'page-cache', number: 1, name: 'page-cache' } as const;
  const accounts = [{ account: pages, bytes: 384, frames: 1, layers: new Map() }];
  t.strictSame(notPassed([on('ext4')], { accounts }), []);
  t.strictSame(notPassed([overlay, on('ext4')], { accounts }), ['overlay 1']);
});
