import path from 'node:path';
import t from 'tap';
import { stackReport } from '../../../harness/report/stack-results.ts';
import { fathom, node, root } from '../../bin/checkout.ts';
import { COPY_UP_FILE, READ_FILE, copyUp, read } from '../stack/tables.ts';

const ON = ['-k', 'debian:6.18.9'] as const;

t.before(async () => fathom(root, '--version'));

const fromStdin = (input: string, ...args: readonly string[]) =>
  node(root, 'bin/fathom.js', ['stack', ...args], { input });

t.test("given the mail's tables, when they are explained, then the text says what the mail says", async (t) => {
  const { exitCode, stdout, stderr } = await fathom(root, 'stack', 'explain', COPY_UP_FILE, READ_FILE);
  t.strictSame([exitCode, stderr], [0, '']);
  for (const line of [
    `${COPY_UP_FILE}:1: 53 frames`,
    'peak 6688 bytes, 41 % of a stack of 16384; 9696 left',
    'one more overlay costs 176 bytes in ovl_splice_read: ovl_splice_read 128 + backing_file_splice_read 48',
    'most expensive: ovl_copy_up_one 840',
    'peak 5456 bytes, 33 % of a stack of 16384; 10928 left',
    'path 4456 bytes; 1000 on top are incidental: scheduler, 8 frames from io_schedule on',
    'one more overlay costs 248 bytes in ovl_read_iter: ovl_read_iter 56 + backing_file_read_iter 64 + vfs_iter_read 56 + do_iter_readv_writev 72 (2 overlays here do so)',
    '2 times, 248 bytes each',
  ])
    t.ok(stdout.includes(line), line);
  t.notMatch(stdout, /[^\n\x20-\x7e]/, 'a pipe gets ASCII, and no colours');
});

t.test(
  'given a bar, then it is as long as the stack, every account has a letter in it, and each is in the legend',
  async (t) => {
    for (const [file, letters] of [
      [COPY_UP_FILE, 'ev12EFBDM'],
      [READ_FILE, 'ev12EFBS'],
    ] as const) {
      const { stdout } = await fathom(root, 'stack', 'explain', file);
      const [, bar = ''] = /^ {2}\[(.*)\]$/m.exec(stdout) ?? [];
      t.equal(bar.length, 80);
      t.equal([...new Set(bar)].join(''), `${letters}.`);
      for (const letter of letters) t.match(stdout, new RegExp(`^  ${letter}  \\w`, 'm'));
      t.ok(Math.abs(bar.indexOf('.') / 80 - (file === READ_FILE ? 5456 : 6688) / 16_384) < 0.02);
    }
  },
);

t.test(
  'given tables from a mail on standard input, when the form of the tracer is asked for, then they are clean',
  async (t) => {
    const quoted = (text: string): string =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => `> ${line}\r\n`)
        .join('');
    const { exitCode, stdout } = await fromStdin(
      `Hi,\n${quoted(copyUp)}\nand\n${quoted(read)}`,
      'explain',
      '-',
      '--format',
      'tracer',
    );
    t.equal(exitCode, 0);
    t.equal(stdout, `${copyUp.trimEnd()}\n\n${read.trimEnd()}`);
  },
);

t.test('given --json, then it is what the schema says', async (t) => {
  const explained = stackReport.parse(JSON.parse((await fathom(root, 'stack', 'explain', '--json', READ_FILE)).stdout));
  if (explained.kind !== 'explain') throw new Error(explained.kind);
  t.match(explained.tables, [
    {
      file: READ_FILE,
      line: 1,
      damage: [],
      peakBytes: 5456,
      pathBytes: 4456,
      incidental: { kind: 'scheduler', bytes: 1000 },
      oneMoreOverlay: { bytes: 248, seen: 2 },
    },
  ]);
  t.equal(explained.tables[0]!.frames.length, 45);
  const compared = stackReport.parse(
    JSON.parse((await fathom(root, 'stack', 'diff', '--json', COPY_UP_FILE, READ_FILE)).stdout),
  );
  t.match(compared, { kind: 'diff', ownBytes: -2232, incidentalBytes: 1000 });
});

t.test('given another size of stack, then headroom is against it, and a peak beyond it is questioned', async (t) => {
  t.match(
    (await fathom(root, 'stack', 'explain', '--thread-size', '8K', COPY_UP_FILE)).stdout,
    /82 % of a stack of 8192; 1504 left/,
  );
  t.match(
    (await fathom(root, 'stack', 'explain', '--thread-size', '4096', COPY_UP_FILE)).stdout,
    /2592 more than it has: .*KASAN/,
  );
});

t.test(
  'given a damaged table and one with functions that nobody knows, then both are said, and the status is 0',
  async (t) => {
    const { exitCode, stdout } = await fromStdin(
      copyUp.replace('6248     144', '6248     145').replace('sd_init_command', 'frobnicate'),
      'explain',
      '-',
    );
    t.equal(exitCode, 0);
    t.match(stdout, /^ {2}damaged, line 10: frame 7: size 145, the depths give 144$/m);
    t.match(stdout, /^ {2}of no layer that fathom knows: frobnicate$/m);
  },
);

t.test('given two tables, when they are compared, then path and chance are told apart', async (t) => {
  const { exitCode, stdout } = await fathom(root, 'stack', 'diff', COPY_UP_FILE, READ_FILE);
  t.equal(exitCode, 0);
  t.match(stdout, /peak -1232: the path's own -2232, incidental \+1000/);
  t.match(stdout, /^ {2}overlay 1 +1280 +248 +-1032$/m);
  t.match(stdout, /^ {2}- +-840 {2}ovl_copy_up_one +overlay 1$/m);
  t.match(stdout, /^ {2}\+ +\+104 {2}__schedule .*\(not the path's own\)$/m);
  t.match((await fathom(root, 'stack', 'diff', READ_FILE, READ_FILE)).stdout, /^the same frames$/m);
});

t.test('given a file with several tables, when it is compared, then the one meant has to be named', async (t) => {
  const dir = t.testdir({ 'both.txt': `${copyUp}\n${read}`, 'one#1': read });
  const both = path.join(dir, 'both.txt');
  t.match(await fathom(root, 'stack', 'diff', both, READ_FILE), {
    exitCode: 2,
    stderr: /both\.txt has 2 tables: which one\?.*both\.txt#2 \(line 57\)/,
  });
  t.match(await fathom(root, 'stack', 'diff', `${both}#2`, READ_FILE), { exitCode: 0, stdout: /the same frames/ });
  t.match(await fathom(root, 'stack', 'diff', `${both}#3`, READ_FILE), { exitCode: 2, stderr: /has 2 tables/ });
  t.match(
    await fathom(root, 'stack', 'diff', path.join(dir, 'one#1'), READ_FILE),
    { exitCode: 0 },
    'a file may be called so',
  );
});

t.test('given what is no table, then the status is 2 and it is said what was found', async (t) => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['explain', 'package.json'], /no stack table in package\.json: it is JSON/],
    [['explain', 'README.md', 'LICENSE', READ_FILE], /README\.md: \d+ lines of something else[^]*LICENSE: /],
    [['explain', '/nonexistent'], /cannot read \/nonexistent: ENOENT/],
    [['explain', '-', '-'], /standard input can be read once/],
    [['diff', '-', '-'], /standard input/],
    [['explain'], /missing required argument/],
    [['explain', '--format', 'tracer', '--json', READ_FILE], /which of the two/],
    [['explain', '--thread-size', '16000', READ_FILE], /power of two/],
    [['explain', '--format', 'xml', READ_FILE], /text[^]*tracer/],
    [['exlain', READ_FILE], /unknown command 'exlain'[^]*explain/],
    [[], /which kernel\? --kernel/],
    [['diff'], /which kernel\? --kernel/],
    [['diff', READ_FILE], /read-?only[^ ]* is to be compared with what/],
    [['diff', '-k', 'debian:6.18.9', READ_FILE, '-n', '2', READ_FILE], /--kernel, --repeat are for measuring/],
    [['diff', ...ON, '-t', 'xfs'], /name one: debian:6\.18\.9: xfs, read, cold/],
    [['diff', ...ON, '-t', 'xfs', '-t', 'ext4', '--operation', 'read', '--operation', 'mmap'], /name 4:[^]*ext4, mmap/],
    [['diff', ...ON, '-t', 'xfs', '-t', 'ovl(', '-n', '1'], /ovl\(/],
    [[...ON, '-t', 'xfs', '--device', 'floppy'], /virtio-blk, virtio-scsi, nvme/],
    [[...ON, '-t', 'xfs', '--module', 'overlay'], /NAME=FILE\.ko/],
  ];
  for (const [args, stderr] of wrong)
    t.match(await fathom(root, 'stack', ...args), { exitCode: 2, stdout: '', stderr }, args.join(' '));
  t.match(await fromStdin('', 'explain', '-'), { exitCode: 2, stderr: /standard input: it is empty/ });
});
