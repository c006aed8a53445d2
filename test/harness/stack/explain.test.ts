import t from 'tap';
import { explain } from '../../../harness/stack/explain.ts';
import { fold, type Section } from '../../../harness/stack/fold.ts';
import { attribute } from '../../../harness/stack/layers.ts';
import { copyUp, framesOf, only, read, tableText } from './tables.ts';

const costs = (text: string): Readonly<Record<string, number>> =>
  Object.fromEntries(explain(only(text)).accounts.map(({ account, bytes }) => [account.name, bytes]));
const explained = (...calls: readonly string[]) => explain(only(tableText(...calls)));

t.test("given the mail's copy-up, then it says what the mail says", async (t) => {
  const { peakBytes, pathBytes, headroomBytes, oneMoreOverlay, functions, withoutMemoryBytes } = explain(only(copyUp));
  t.strictSame([peakBytes, pathBytes, withoutMemoryBytes, headroomBytes], [6688, 6688, 6584, 16_384 - 6688]);
  t.strictSame(oneMoreOverlay, {
    bytes: 176,
    operation: 'ovl_splice_read',
    functions: [
      { name: 'ovl_splice_read', bytes: 128 },
      { name: 'backing_file_splice_read', bytes: 48 },
    ],
    seen: 1,
  });
  t.strictSame(functions[0], { name: 'ovl_copy_up_one', bytes: 840, times: 1 });
  t.strictSame(costs(copyUp), {
    entry: 336,
    vfs: 544,
    'overlay 1': 1280,
    'overlay 2': 176,
    erofs: 1624,
    xfs: 1408,
    block: 880,
    driver: 336,
    memory: 104,
  });
});

t.test("given the mail's read, then it says what the mail says, and what of its peak is not the path's", async (t) => {
  const { peakBytes, pathBytes, chance, incidental, oneMoreOverlay } = explain(only(read));
  t.strictSame([peakBytes, pathBytes, chance, incidental], [5456, 4456, 'scheduler', 8]);
  t.match(oneMoreOverlay, { bytes: 248, operation: 'ovl_read_iter', seen: 2 });
  t.strictSame(
    oneMoreOverlay?.functions.map(({ bytes }) => bytes),
    [56, 64, 56, 72],
  );
  t.match(costs(read), { 'overlay 1': 248, 'overlay 2': 248, erofs: 1560, xfs: 1408, block: 560 });
});

t.test(
  'given any table that is whole, then the accounts make its path, and with what is incidental its peak',
  async (t) => {
    for (const text of [copyUp, read]) {
      const { accounts, incidentalAccounts, pathBytes, peakBytes, unaccountedBytes } = explain(only(text));
      const sum = (costs: typeof accounts): number => costs.reduce((bytes, one) => bytes + one.bytes, 0);
      t.equal(sum(accounts), pathBytes);
      t.equal(sum(accounts) + sum(incidentalAccounts), peakBytes);
      t.equal(unaccountedBytes, 0);
      for (const { bytes, layers } of accounts)
        t.equal(
          [...layers.values()].reduce((a, b) => a + b, 0),
          bytes,
        );
    }
  },
);

t.test('given a line that is missing, then its bytes are said to be in no frame', async (t) => {
  t.equal(explain(only(copyUp.replace(/.*ovl_copy_up_one.*\n/, ''))).unaccountedBytes, 840);
});

t.test('given what comes upon a path, then it is of the peak and not of the path', async (t) => {
  const path = ['do_syscall_64 100', 'vfs_read 100', 'xfs_file_read_iter 100'];
  for (const [calls, pathBytes, chance] of [
    [[], 300, undefined],
    [['asm_sysvec_apic_timer_interrupt 50', 'sysvec_apic_timer_interrupt', 'submit_bio'], 300, 'interrupt'],
    [['schedule 50', '__schedule', 'frobnicate'], 300, 'scheduler'],
    [['0xffffffffc0a1d083 50', 'stack_trace_call'], 300, 'tracer'],
    [['0xffffffffc0a1d083'], 300, 'tracer'],
    [['io_schedule 50', '__blk_flush_plug 50', 'blk_mq_flush_plug_list 50'], 450, undefined],
    [['io_schedule 50', '__blk_flush_plug 50', 'asm_common_interrupt 50', 'blk_finish_plug'], 400, 'interrupt'],
    [['frobnicate 50'], 350, undefined],
  ] as const) {
    const found = explained(...path, ...calls);
    t.strictSame([found.pathBytes, found.chance], [pathBytes, chance], calls.join(', '));
  }
});

t.test(
  'given allocation and reclaim at the top, then they are of the path, and the path without them is told',
  async (t) => {
    const path = ['vfs_read 100', 'xfs_file_read_iter 100'];
    const found = explained(...path, 'folio_alloc 50', 'try_to_free_pages 50', 'shrink_lruvec 50', 'schedule 50');
    t.strictSame([found.peakBytes, found.pathBytes, found.withoutMemoryBytes], [400, 350, 200]);
    t.equal(explained('folio_alloc 50', ...path).withoutMemoryBytes, 250, 'only at its top');
  },
);

t.test('given no overlay that passes the operation on, then nothing is said of one more', async (t) => {
  const lower = ['filemap_read', 'read_pages', 'z_erofs_readahead'];
  t.equal(explained('vfs_read', ...lower).oneMoreOverlay, undefined, 'none');
  t.equal(
    explained('vfs_read', 'ovl_read_iter', 'backing_file_read_iter').oneMoreOverlay,
    undefined,
    'the stack ends in it',
  );
  t.equal(
    explained('vfs_open', 'ovl_open', 'ovl_copy_up_file', 'do_splice_direct', ...lower).oneMoreOverlay,
    undefined,
    'copies up',
  );
  t.match(explained('vfs_read', 'ovl_read_iter 20', 'backing_file_read_iter 30', ...lower).oneMoreOverlay, {
    bytes: 50,
    seen: 1,
  });
  t.match(
    explained('vfs_open', 'ovl_open 20', 'backing_file_open 30', 'ovl_open', 'ovl_copy_up_file').oneMoreOverlay,
    { bytes: 50, operation: 'ovl_open' },
    'the upper passes on, the lower one does not',
  );
});

t.test('given a first line that was caught at its entry, then the share of the tracer is told', async (t) => {
  t.equal(explain(only(copyUp)).tracerShareBytes, 40);
  t.equal(explain(only(copyUp.replace('mempool_alloc_slab+0x9/', 'mempool_alloc_slab+0x19/'))).tracerShareBytes, 0);
  t.equal(explain(only(copyUp.split('\n').slice(3).join('\n'))).tracerShareBytes, 0, 'its first line is missing');
});

t.test('given a stack of another size, then the headroom is against it', async (t) => {
  t.equal(explain(only(copyUp), 8192).headroomBytes, 1504);
  t.equal(explain(only(copyUp), 4096).headroomBytes, -2592);
});

const inShort = (sections: readonly Section[]): string =>
  sections
    .map((section) =>
      section.kind === 'frame' ? section.frame.frame.name : `${section.times}(${inShort(section.unit)})`,
    )
    .join(' ');
const folded = (names: string): string => inShort(fold(attribute(framesOf(...names.split(' ').reverse()))));

t.test(
  'given sections that repeat, then they are folded, the widest first, and what repeats in them too',
  async (t) => {
    for (const [names, expected] of [
      ['a b c', 'a b c'],
      ['a b a b', '2(a b)'],
      ['x a b a b a b y', 'x 3(a b) y'],
      ['a b a c a b', 'a b a c a b'],
      ['a a', 'a a'],
      ['p o g o g e p o g o g e z', '2(p 2(o g) e) z'],
      ['a b a b x c d c d', '2(a b) x 2(c d)'],
    ] as const)
      t.equal(folded(names), expected);
  },
);

t.test("given the mail's read, then the two overlays are one section of 248 bytes each", async (t) => {
  const [section] = explain(only(read)).sections.filter(({ kind }) => kind === 'repeat');
  t.match(section, { times: 2, bytes: [248, 248] });
});
