import t from 'tap';
import { compareCosts } from '../../../harness/diff/stack.ts';
import { explain } from '../../../harness/stack/explain.ts';
import { parseStackTables } from '../../../harness/stack/table.ts';

/** A read through one overlay: functions deepest first, with the bytes of each. */
function run(frames: Readonly<Record<string, number>>) {
  const all = Object.entries({ kernel_caller: 64, ...frames, ovl_read_iter: 136, vfs_read: 128, ksys_read: 80 });
  let depth = all.reduce((sum, [, size]) => sum + size, 0);
  const lines = all.map(([name, size], index) => {
    const line = `${String(index).padStart(3)})${String(depth).padStart(9)}${String(size).padStart(8)}   ${name}+0x10/0x100`;
    depth -= size;
    return line;
  });
  const text = `        Depth    Size   Location    (${all.length} entries)\n        -----    ----   --------\n${lines.join('\n')}\n`;
  return explain(parseStackTables(text)[0]!);
}

const usual = { xfs_file_read_iter: 96, backing_file_read_iter: 64 };

t.test('given runs that vary in the same way, then nothing differs', (t) => {
  const [short, long] = [run(usual), run({ iomap_readahead: 120, ...usual })];
  t.equal(compareCosts([short, long], [long, short, short]).differs, false);
  t.equal(compareCosts([short, short], [short, long]).differs, false, 'the spreads touch');
  t.end();
});

t.test('given a frame that is larger in every run, then it differs, by that frame', (t) => {
  const before = [run(usual), run(usual)];
  const after = [run({ ...usual, xfs_file_read_iter: 160 }), run({ ...usual, xfs_file_read_iter: 160 })];
  const { differs, frames } = compareCosts(before, after);
  t.equal(differs, true);
  t.strictSame(frames, [{ function: 'xfs_file_read_iter', before: 96, after: 160 }]);
  t.end();
});
