import t from 'tap';
import { tracerText } from '../../../harness/report/stack-tracer.ts';
import { attribute } from '../../../harness/stack/layers.ts';
import { foundInstead } from '../../../harness/stack/not-a-table.ts';
import { functionName } from '../../../harness/stack/symbol.ts';
import { parseStackTables, type StackTable } from '../../../harness/stack/table.ts';
import { copyUp, only, read } from './tables.ts';

const each = (text: string, change: (line: string, index: number) => string): string =>
  text.trimEnd().split('\n').map(change).join('\n');
const withoutLines = ({ frames, damage }: StackTable): unknown => ({
  frames: frames.map(({ line: _line, ...frame }) => frame),
  damage,
});
const whole = withoutLines(only(copyUp));

t.test("given the mail's tables, then every frame is read and nothing is damaged", async (t) => {
  for (const [text, count, depth] of [
    [copyUp, 53, 6688],
    [read, 45, 5456],
  ] as const) {
    const { frames, damage, line } = only(text);
    t.strictSame([frames.length, frames[0]!.depth, damage, line], [count, depth, [], 1]);
  }
  t.strictSame(only(copyUp).frames[23], {
    index: 23,
    depth: 4656,
    size: 80,
    location: 'filemap_readahead.isra.0+0x78/0xb0',
    name: 'filemap_readahead',
    module: undefined,
    line: 26,
  });
});

/** What mail programs, dmesg and log daemons do to a table. */
const variants: readonly (readonly [string, string])[] = [
  ['CRLF', copyUp.replaceAll('\n', '\r\n')],
  ['no header', copyUp.split('\n').slice(2).join('\n')],
  ['no newline at the end', copyUp.trimEnd()],
  ['tabs', copyUp.replace(/ {2,}/g, '\t')],
  ['one space for many', copyUp.replace(/ +/g, ' ')],
  ['spaces that do not break', copyUp.replaceAll(' ', '\u00a0')],
  ['spaces at the end of lines', each(copyUp, (line) => `${line}   `)],
  ['a quote', each(copyUp, (line) => `> ${line}`)],
  ['a quote of a quote', each(copyUp, (line) => `> >> ${line}`)],
  ['a quote with bars', each(copyUp, (line) => `| ${line}`)],
  ['a quote with initials', each(copyUp, (line) => `AG> ${line}`)],
  ['dmesg', each(copyUp, (line, n) => `[   12.3456${n % 10}8] ${line}`)],
  ['dmesg -r', each(copyUp, (line) => `<4>[   12.345678] ${line}`)],
  ['a level alone', each(copyUp, (line) => `<4>${line}`)],
  ['dmesg -T', each(copyUp, (line) => `[Mon Jan  5 08:14:40 2026] ${line}`)],
  ['dmesg -x', each(copyUp, (line) => `kern  :emerg : [   12.345678] ${line}`)],
  ['dmesg with PRINTK_CALLER', each(copyUp, (line) => `[   12.345678][ T1234] ${line}`)],
  ['syslog', each(copyUp, (line) => `Jan  5 08:14:40 vm-7 kernel: [   12.345678] ${line}`)],
  ['journalctl -o short-iso', each(copyUp, (line) => `2026-01-05T08:14:40+0100 vm-7 kernel: ${line}`)],
  ['quoted dmesg with CRLF', each(copyUp, (line) => `> [   12.345678] ${line}\r`)],
  ['blank lines between', copyUp.replaceAll('\n', '\n\n')],
  ['prose around it', `Hi,\n\n1) 2 things:\nthe table\n\n${copyUp}\n-- \n52) 3\nbye\n`],
  ['remarks behind lines', copyUp.replace(/(ovl_copy_up_one\S+)/, '$1   <--- 840!')],
  ['functions on lines of their own', copyUp.replace(/^( *\d+\) +\d+ +\d+) +(\w.*)$/gm, '$1\n    $2')],
  [
    'sizes on lines of their own, quoted',
    each(copyUp.replace(/^( *\d+\) +\d+) +(\d+ +\w.*)$/gm, '$1\n$2'), (line) => `> ${line}`),
  ],
];

for (const [what, text] of variants)
  t.test(`given a table with ${what}, then it is the same table, undamaged`, async (t) => {
    t.strictSame(withoutLines(only(text)), whole);
  });

t.test('given a table, when it is printed in the form of the tracer, then it is what the kernel printed', async (t) => {
  t.equal(tracerText([only(copyUp)]), copyUp.endsWith('\n') ? copyUp : `${copyUp}\n`);
  t.equal(tracerText([only(each(read, (line) => `> ${line}\r`))]), `${read.trimEnd()}\n`);
});

t.test('given several tables in a file, with and without headers, then each comes with its line', async (t) => {
  const bare = read.split('\n').slice(2).join('\n');
  t.strictSame(
    parseStackTables(`${copyUp}\nand\n\n${read}\n${bare}${bare}`).map(({ line, frames, damage }) => [
      line,
      frames.length,
      damage,
    ]),
    [
      [1, 53, []],
      [59, 45, []],
      [107, 45, []],
      [152, 45, []],
    ],
  );
});

t.test('given module tags, build ids and bare addresses, then module and function are told apart', async (t) => {
  const { frames, damage } = only(
    ' 0) 64 16 0xffffffffc0a1d083\n 1) 48 16 xfs_vm_readahead+0x4a/0x70 [xfs]\n 2) 32 16 ovl_open+0x1/0x2 [overlay 0123456789abcdef]\n 3) 16 16 f\n',
  );
  t.strictSame(
    frames.map(({ name, module }) => [name, module]),
    [
      ['(address)', undefined],
      ['xfs_vm_readahead', 'xfs'],
      ['ovl_open', 'overlay'],
      ['f', undefined],
    ],
  );
  t.strictSame(damage, []);
  t.equal(
    only('0) 32 16 xfs_read+0x1/0x2\n    [xfs]\n1) 16 16 f+0x1/0x2').frames[0]!.module,
    'xfs',
    'on a line of its own',
  );
});

t.test(
  "given the compiler's suffixes and those of allocation profiling, then they are not part of the name",
  async (t) => {
    for (const [location, name] of [
      ['filemap_readahead.isra.0+0x78/0xb0', 'filemap_readahead'],
      ['cpu_util.constprop.0+0x7e/0xe0', 'cpu_util'],
      ['f.part.0.isra.12+0x1/0x2', 'f'],
      ['f.cold+0x1/0x2', 'f'],
      ['mempool_alloc_noprof+0x65/0xd0', 'mempool_alloc'],
      ['__kmalloc_cache_noprof.cold+0x1/0x2', '__kmalloc_cache'],
      ['noprof_of+0x1/0x2', 'noprof_of'],
      ['f.other+0x1/0x2', 'f.other'],
      ['0xffffffffc0a1d083', '(address)'],
    ] as const)
      t.equal(functionName(location), name, location);
  },
);

const lines = copyUp.trimEnd().split('\n');
/** Line 10 has frame 7, line 55 the last one. */
const damaged: readonly (readonly [string, string, readonly (readonly [number, RegExp])[]])[] = [
  [
    'a line that is missing',
    lines.toSpliced(9, 1).join('\n'),
    [
      [1, /53 entries, 52 were found/],
      [10, /frame 7 is missing before frame 8/],
    ],
  ],
  [
    'lines that are missing',
    lines.toSpliced(9, 3).join('\n'),
    [
      [1, /50 were/],
      [10, /frames 7 to 9 are missing/],
    ],
  ],
  [
    'a size that is wrong',
    copyUp.replace('6248     144', '6248     145'),
    [[10, /frame 7: size 145, the depths give 144/]],
  ],
  [
    'a depth that is wrong',
    copyUp.replace('6248     144', '6258     144'),
    [
      [9, /size 88, the depths give 78/],
      [10, /give 154/],
    ],
  ],
  [
    'a depth that rises',
    copyUp.replace('6248     144', '6848     144'),
    [
      [10, /depth 6848 is not less than the 6336 above it/],
      [10, /size 144/],
    ],
  ],
  [
    'lines in another order',
    lines.toSpliced(9, 2, lines[10]!, lines[9]!).join('\n'),
    [
      [10, /7 is missing before frame 8/],
      [11, /frame 7 stands after frame 8/],
      [11, /not less/],
      [12, /missing/],
    ],
  ],
  [
    'a line that cannot be read',
    copyUp.replace('6248     144', '62x8     144'),
    [
      [1, /52 were/],
      [10, /frame 7 cannot be read: 7\) +62x8/],
      [11, /frame 7 is missing/],
    ],
  ],
  [
    'a line that breaks off',
    copyUp.replace(/(6248 +144).*/, '$1'),
    [
      [1, /52 were/],
      [10, /frame 7 breaks off/],
      [11, /missing/],
    ],
  ],
  [
    'its end cut off',
    lines.slice(0, -1).join('\n'),
    [
      [1, /52 were/],
      [54, /ends at depth 216 with a size of 40/],
    ],
  ],
  ['its beginning cut off', lines.slice(3).join('\n'), [[1, /begins with frame 1/]]],
  ['a header with another count', copyUp.replace('53 entries', '54 entries'), [[1, /54 entries, 53 were found/]]],
];

for (const [what, text, expected] of damaged)
  t.test(`given a table with ${what}, then the line is named`, async (t) => {
    const { damage } = only(text);
    t.strictSame(
      damage.map(({ line }) => line),
      expected.map(([line]) => line),
      JSON.stringify(damage),
    );
    expected.forEach(([, pattern], n) => t.match(damage[n]!.what, pattern));
  });

t.test('given a text without a table, then there is none, and it is said what it seems to be', async (t) => {
  for (const [text, what] of [
    ['', /empty/],
    [' \n\n', /empty/],
    [
      '        Depth    Size   Location    (0 entries)\n        -----    ----   --------\n#\n#  Stack tracer disabled\n',
      /tracer was off.*sysctl/,
    ],
    ['        Depth    Size   Location    (0 entries)\n        -----    ----   --------\n', /no frames/],
    ['Call Trace:\n <TASK>\n dump_stack_lvl+0x5d/0x80\n', /call trace/],
    ['# tracer: function\n#\n', /trace buffer/],
    ['6688\n', /stack_max_size/],
    ['\0\x01ELF', /not text/],
    ['{"v":1}', /JSON/],
    ['\nDear list,\n1) 2 things\n', /3 lines of something else, line 2: Dear list,/],
    ['x'.repeat(100), /1 line of something else, line 1: x{59}…/],
  ] as const) {
    t.strictSame(parseStackTables(text), [], JSON.stringify(text));
    t.match(foundInstead(text), what);
  }
});

t.test('given tables of 50 frames, then at least 10,000 a second are parsed and attributed on one core', async (t) => {
  const text = lines.slice(0, -3).join('\n');
  const rounds = 5_000;
  const run = (): number => {
    const begun = process.cpuUsage();
    for (let i = 0; i < rounds; i++) for (const { frames } of parseStackTables(text)) attribute(frames);
    const { user, system } = process.cpuUsage(begun);
    return rounds / ((user + system) / 1e6);
  };
  run();
  const rate = Math.max(run(), run(), run());
  t.comment(`${Math.round(rate)} tables a second`);
  t.ok(rate >= 10_000, `${Math.round(rate)} a second`);
});
