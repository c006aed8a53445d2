import t from 'tap';
import { distributionOf } from '../../../harness/stack/distribution.ts';
import { explain } from '../../../harness/stack/explain.ts';
import { only, tableText } from './tables.ts';

const run = (...calls: readonly string[]) => explain(only(tableText(...calls)));
const path = ['do_syscall_64 48', 'vfs_read 40', 'ovl_read_iter 56 [overlay]', 'erofs_file_read_iter 32 [erofs]'];
const plain = run(...path);
const ticked = run(...path, 'asm_sysvec_apic_timer_interrupt 200', 'update_process_times 80');
const deeper = run(...path, 'filemap_read 200');

t.test('given runs that differ by what came by chance, then they took one path', async (t) => {
  const { runs, peak, path: pathBytes, ways, deepest } = distributionOf([ticked, plain, plain]);
  t.equal(runs, 3);
  t.strictSame(peak, { min: 176, median: 176, max: 456 });
  t.strictSame(pathBytes, { min: 176, median: 176, max: 176 });
  t.equal(ways.length, 1);
  t.strictSame([ways[0].runs, ways[0].pathBytes], [3, 176]);
  t.equal(deepest, ticked);
});

t.test('given runs on two paths, then the more frequent one comes first, of equals the deeper', async (t) => {
  t.strictSame(
    distributionOf([deeper, plain, plain]).ways.map(({ runs, pathBytes }) => [runs, pathBytes]),
    [
      [2, 176],
      [1, 376],
    ],
  );
  t.strictSame(
    distributionOf([plain, deeper]).ways.map(({ pathBytes }) => pathBytes),
    [376, 176],
  );
});

t.test('given one run, then its figures are all there is', async (t) => {
  const { runs, peak, withoutMemory } = distributionOf([plain]);
  t.strictSame(
    [runs, peak, withoutMemory],
    [1, { min: 176, median: 176, max: 176 }, { min: 176, median: 176, max: 176 }],
  );
});
