import t from 'tap';
import { digestOf } from '../../../vm/image/content.ts';
import { blobFile, directory, expectedEntries, file, imageFile, symlink, text } from '../../../vm/image/tree.ts';
import type { ErofsSpec } from '../../../vm/image/spec.ts';

const image: ErofsSpec = { kind: 'erofs', tree: directory({}), chunkBytes: 4096, blobs: 1 };

t.test('given a tree, when its entries are expected, then each says all that follows from the spec', (t) => {
  const tree = directory({
    b: directory({ inner: text('é', { mode: 0o4755, uid: 5, gid: 6 }) }, { mode: 0o700 }),
    'b.c': file('seed', 5000, { zeros: 0 }),
    a: symlink('b/é', { uid: 9 }),
    10: imageFile(image),
    9: blobFile(image),
  });
  const none = { sizeBytes: undefined, target: undefined, sha256: undefined };
  t.same(expectedEntries(tree), [
    { path: '.', type: 'directory', mode: 0o755, uid: 0, gid: 0, ...none },
    { path: '10', type: 'file', mode: 0o644, uid: 0, gid: 0, ...none },
    { path: '9', type: 'file', mode: 0o644, uid: 0, gid: 0, ...none },
    { path: 'a', type: 'symlink', mode: 0o777, uid: 9, gid: 0, ...none, target: 'b/é', sizeBytes: 4 },
    { path: 'b', type: 'directory', mode: 0o700, uid: 0, gid: 0, ...none },
    { path: 'b/inner', type: 'file', mode: 0o4755, uid: 5, gid: 6, ...none, ...digestOf({ kind: 'text', text: 'é' }) },
    {
      path: 'b.c',
      type: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      ...none,
      ...digestOf({ kind: 'seeded', seed: 'seed', sizeBytes: 5000, zeros: 0 }),
    },
  ]);
  t.end();
});

t.test('given forced owners, when its entries are expected, then they win over each entry', (t) => {
  const tree = directory({ a: text('a', { uid: 5, gid: 6 }) });
  t.match(expectedEntries(tree, { forceUid: 1000 }), [
    { uid: 1000, gid: 0 },
    { uid: 1000, gid: 6 },
  ]);
  t.match(expectedEntries(tree, { forceGid: 0 }), [
    { uid: 0, gid: 0 },
    { uid: 5, gid: 0 },
  ]);
  t.end();
});

t.test('given builders without options, when made, then the specs hold nothing that was not said', (t) => {
  t.strictSame(file('a', 1), { kind: 'file', content: { kind: 'seeded', seed: 'a', sizeBytes: 1 } });
  t.strictSame(directory({}), { kind: 'directory', entries: {} });
  t.strictSame(blobFile(image), { kind: 'blob', image, index: 0 });
  t.end();
});
