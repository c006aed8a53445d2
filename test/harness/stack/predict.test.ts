import t from 'tap';
import { explain } from '../../../harness/stack/explain.ts';
import { predictPath, type Known, type Stage } from '../../../harness/stack/predict.ts';
import { copyUp, only, read, tableText } from './tables.ts';

const overlay: Stage = { kind: 'overlay', name: 'overlay' };
const erofs: Stage = { kind: 'erofs', name: 'erofs' };
const xfs: Stage = { kind: 'backing', name: 'xfs' };

const known = (text: string, operation: string, stages: readonly Stage[], label = operation): Known => ({
  label,
  operation,
  stages,
  explanation: explain(only(text)),
});
const mail = [
  known(read, 'read', [overlay, overlay, erofs, xfs]),
  known(copyUp, 'copy-up', [overlay, overlay, erofs, xfs]),
];

t.test("given the mail's two tables, when their own topology is predicted, then the path comes out", async (t) => {
  for (const [operation, bytes] of [
    ['read', 4456],
    ['copy-up', 6584],
  ] as const)
    t.match(predictPath([overlay, overlay, erofs, xfs], operation, mail), { kind: 'predicted', bytes });
});

t.test('given them, when one more overlay is predicted, then it costs what the lower one does', async (t) => {
  t.match(predictPath([overlay, overlay, overlay, erofs, xfs], 'read', mail), { kind: 'predicted', bytes: 4456 + 248 });
  t.match(predictPath([overlay, overlay, overlay, erofs, xfs], 'copy-up', mail), {
    bytes: 6584 + 176,
    memoryBytes: 104,
  });
});

t.test('given overlays below an erofs, then they are entered by a read, whatever is done at the top', async (t) => {
  const found = predictPath([overlay, overlay, erofs, overlay, overlay, erofs, xfs], 'copy-up', mail);
  t.equal(found.kind, 'predicted');
  if (found.kind !== 'predicted') return;
  t.strictSame(
    found.parts.filter(({ name }) => name.startsWith('overlay')).map(({ name, bytes, from }) => [name, bytes, from]),
    [
      ['overlay', 1280, 'copy-up, copy-up'],
      ['overlay 2', 176, 'copy-up, copy-up'],
      ['overlay 3', 248, 'read, read'],
      ['overlay 4', 248, 'read, read'],
    ],
  );
});

t.test('given nested erofs, then the last one above the backing filesystem is taken for the last one', async (t) => {
  const nested = [overlay, erofs, overlay, erofs, xfs];
  const text = tableText(
    'do_syscall_64 48',
    'ovl_read_iter 264 [overlay]',
    'filemap_read 1184',
    'erofs_fileio_readahead 0 [erofs]',
    'ovl_read_iter 168 [overlay]',
    'erofs_fileio_readahead 1864 [erofs]',
    'xfs_file_read_iter 888 [xfs]',
  );
  const found = predictPath([overlay, erofs, overlay, erofs, overlay, erofs, xfs], 'read', [
    known(text, 'read', nested),
  ]);
  t.match(found, { kind: 'predicted' });
  if (found.kind !== 'predicted') return;
  t.strictSame(
    found.parts.filter(({ name }) => name.startsWith('erofs')).map(({ bytes }) => bytes),
    [1184, 1184, 1864],
  );
});

t.test('given a part that nothing measured has, then nothing is predicted, and it is named', async (t) => {
  const ext4: Stage = { kind: 'backing', name: 'ext4' };
  t.strictSame(predictPath([overlay, overlay, erofs, ext4], 'read', mail), {
    kind: 'unknown',
    part: 'ext4 in a read by erofs',
  });
  t.strictSame(predictPath([overlay, erofs, xfs], 'truncate', mail), { kind: 'unknown', part: 'entry in truncate' });
});

t.test('given a table whose path ends before the last mount, then it says nothing', async (t) => {
  const text = tableText('do_syscall_64 48', 'ovl_read_iter 56 [overlay]', 'filemap_read 100');
  t.match(predictPath([overlay, erofs, xfs], 'read', [known(text, 'read', [overlay, erofs, xfs])]), {
    kind: 'unknown',
  });
});
