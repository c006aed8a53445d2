import t from 'tap';
import { diff, type StackDiff } from '../../../harness/stack/diff.ts';
import { explain } from '../../../harness/stack/explain.ts';
import { copyUp, only, read, tableText } from './tables.ts';

const between = (before: string, after: string): StackDiff => diff(explain(only(before)), explain(only(after)));
const changed = ({ changes }: StackDiff): readonly string[] =>
  changes
    .filter(({ kind }) => kind !== 'same')
    .map(
      ({ kind, bytes, before, after, own }) =>
        `${kind} ${(after ?? before)!.frame.name} ${bytes}${own ? '' : ' not own'}`,
    );
const base = ['do_syscall_64 100', 'vfs_read 50', 'xfs_file_read_iter 30', 'submit_bio 20'];
const text = tableText(...base, 'leaf 48');

t.test('given a table and itself, then nothing has changed', async (t) => {
  const found = between(copyUp, copyUp);
  t.strictSame([changed(found), found.ownBytes, found.incidentalBytes, found.changes.length], [[], 0, 0, 53]);
});

t.test('given frames gained, lost, grown and shrunk, then each is told, deepest first', async (t) => {
  const other = tableText('do_syscall_64 110', 'ovl_read_iter 56', 'xfs_file_read_iter 24', 'submit_bio 20', 'leaf 48');
  t.strictSame(changed(between(text, other)), [
    'shrunk xfs_file_read_iter -6',
    'lost vfs_read -50',
    'gained ovl_read_iter 56',
    'grown do_syscall_64 10',
  ]);
});

t.test('given suffixes and offsets that differ, then it is the same function', async (t) => {
  t.strictSame(changed(between(text, text.replace('vfs_read+0x10/0x90', 'vfs_read.constprop.0+0x11/0x99'))), []);
});

t.test("given a reschedule on one of two equal paths, then the path's own change is nothing", async (t) => {
  const found = between(text, tableText(...base, 'leaf 48', 'schedule 16', '__schedule 48'));
  t.strictSame([found.ownBytes, found.incidentalBytes], [0, 64]);
  t.strictSame(changed(found), ['gained __schedule 48 not own', 'gained schedule 16 not own']);
  t.strictSame(
    found.accounts.filter(({ beforeBytes, afterBytes }) => beforeBytes !== afterBytes),
    [],
  );
});

t.test('given a function that one table caught at its entry, then its size there is not compared', async (t) => {
  t.strictSame(changed(between(text, tableText(...base, 'leaf 80', 'deeper 48'))), [
    'gained deeper 48',
    'grown leaf 32 not own',
  ]);
});

t.test(
  'given a read through erofs and one through XFS alone, then the page cache of XFS is held against that of XFS',
  async (t) => {
    const cache = (of: string): readonly string[] => ['filemap_read 300', 'read_pages 100', of];
    const xfs = ['xfs_file_read_iter', ...cache('xfs_vm_readahead')];
    const found = between(
      tableText('vfs_read', ...cache('z_erofs_readahead'), 'vfs_iocb_iter_read', ...xfs),
      tableText('vfs_read', ...xfs),
    );
    t.strictSame(
      found.changes
        .filter(({ kind }) => kind === 'lost')
        .map(({ before }) => `${before!.frame.name} ${before!.account.name}`),
      ['vfs_iocb_iter_read erofs', 'z_erofs_readahead erofs', 'read_pages erofs', 'filemap_read erofs'],
    );
  },
);

t.test(
  "given the mail's two tables, then the changes make the difference of the peaks, and the accounts that of the paths",
  async (t) => {
    const { ownBytes, incidentalBytes, accounts } = between(copyUp, read);
    t.strictSame([ownBytes, incidentalBytes], [-2232, 1000]);
    t.equal(ownBytes + incidentalBytes, 5456 - 6688);
    t.equal(
      accounts.reduce((sum, { beforeBytes, afterBytes }) => sum + afterBytes - beforeBytes, 0),
      4456 - 6688,
    );
    t.match(
      accounts.find(({ name }) => name === 'overlay 1'),
      { beforeBytes: 1280, afterBytes: 248 },
    );
  },
);
