import t from 'tap';
import { table } from '../../../harness/cli/table.ts';
import { age, size } from '../../../harness/cli/units.ts';

t.test(
  'given cells of different widths, then columns line up, flush right where asked, without trailing space',
  async (t) => {
    const text = table(
      ['name', 'size', ''],
      [
        ['a', '1', 'x'],
        ['longer', '1000', ''],
      ],
      { right: [1] },
    );
    t.equal(text, 'name    size\na          1  x\nlonger  1000\n');
  },
);

t.test('given colours, then they take no width', async (t) => {
  t.equal(table(['a', 'b'], [['\u001b[31mxx\u001b[39m', 'y']]), 'a   b\n\u001b[31mxx\u001b[39m  y\n');
});

t.test('given bytes, then the largest unit that leaves at least one', async (t) => {
  t.strictSame([0, 1023, 1024, 1536, 20 * 2 ** 30, 2 ** 50].map(size), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 KiB',
    '20 GiB',
    '1024 TiB',
  ]);
});

t.test('given a time, then how long ago', async (t) => {
  const now = Date.UTC(2026, 0, 31);
  const ago = (minutes: number): string => age(new Date(now - minutes * 60_000), now);
  t.strictSame([0, 1, 59, 60, 47 * 60, 48 * 60].map(ago), [
    'just now',
    '1 min ago',
    '59 min ago',
    '1 h ago',
    '47 h ago',
    '2 days ago',
  ]);
});
