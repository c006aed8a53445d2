/** What people read of a measurement. */
import t from 'tap';
import { figuresOf } from '../../../harness/measure/figure.ts';
import type { Measurement } from '../../../harness/measure/measurement.ts';
import { measuredText } from '../../../harness/report/measured-text.ts';
import type { StackStyle } from '../../../harness/report/stack-text.ts';
import { measured, sampleOf, subjectOf, TWO_OVERLAYS } from '../measure/subjects.ts';
import { copyUp, read, tableText } from '../stack/tables.ts';

const same = (text: string): string => text;
const plain: StackStyle = {
  bold: same,
  dim: same,
  good: same,
  bad: same,
  odd: same,
  columns: Infinity,
  unicode: false,
};
const THREE = 'ovl(ovl(ovl(erofs[file](xfs))))';
const two = subjectOf(TWO_OVERLAYS);

function textOf(measurements: readonly Measurement[], style: StackStyle = plain): string {
  return measuredText(figuresOf(measurements, 16_384), style);
}

t.test(
  'given tables of several clones, then the text says depths, accounts and what one more overlay costs',
  async (t) => {
    const samples = [sampleOf(read, { durationMs: 900 }), sampleOf(read, { durationMs: 800 }), sampleOf(copyUp)];
    t.equal(
      textOf([measured(two, samples)]),
      `debian:6.18.9 (6.18.9, tcg): ovl(ovl(erofs[file](xfs))), read, cold
  peak 5456 to 6688, median 5456 bytes, 41 % of a stack of 16384; 9696 left
  path 4456 bytes in 2 of 3 runs; 6688 in 1; all 4456 to 6688, median 4456

     account    bytes
  e  entry        280
  v  vfs          152
  1  overlay 1    248  (overlay 56, glue 64, vfs 128)
  2  overlay 2    248  (overlay 56, glue 64, vfs 128)
  E  erofs       1560  (page-cache 824, erofs 688, vfs 48)
  F  xfs         1408  (backing 544, page-cache 864)
  B  block        560
  S  scheduler   1000  incidental
  one more overlay costs 248 bytes in ovl_read_iter: ovl_read_iter 56 + backing_file_read_iter 64 + vfs_iter_read 56 + do_iter_readv_writev 72 (2 overlays here do so)
  3 clones, 800 to 900 ms each
`,
    );
  },
);

t.test('given one clone, then nothing is in the plural', async (t) => {
  const text = textOf([measured(two, [sampleOf(read)])]);
  t.match(text, 'path 4456 bytes in 1 of 1 run\n');
  t.match(text, 'peak 5456 bytes, 33 % of a stack of 16384; 10928 left\n');
  t.match(text, '\n  1 clone, 900 ms\n');
});

t.test('given failures, then each is told once, with how often; a refusal is not alarming', async (t) => {
  const marked: StackStyle = { ...plain, bad: (text) => `!${text}!` };
  const crash = { kind: 'crashed', title: 'BUG: guard page', why: 'the kernel died in "x"', console: '' } as const;
  const failures = [crash, crash, { kind: 'hung', why: 'in folio_wait', console: '' }] as const;
  t.equal(
    textOf([measured(two, [], failures)], marked),
    `debian:6.18.9 (6.18.9, tcg): ovl(ovl(erofs[file](xfs))), read, cold
  !crashed: BUG: guard page, the kernel died in "x" (2 runs)!
  !hung: in folio_wait!
`,
  );
  t.match(textOf([measured(two, [], [{ kind: 'refused', why: 'rule D3' }])], marked), '\n  refused: rule D3\n');
});

t.test('given a pressure, then the text says whether it was reached and by which counters', async (t) => {
  const pressed = subjectOf(TWO_OVERLAYS, { pressure: 'memcg' });
  const [proof = ''] = pressed.pressure.proof;
  const text = (...rises: readonly number[]) =>
    textOf([
      measured(
        pressed,
        rises.map((rise) => sampleOf(read, { counters: { [proof]: rise, still: 0 } })),
      ),
    ]);
  t.match(text(0, 3), `\n  memcg: frames of reclaim in 0 of 2 tables; at most ${proof} +3\n`);
  t.match(text(0, 0), '\n  memcg: NOT REACHED, frames of reclaim in 0 of 2 tables\n');
  t.notMatch(textOf([measured(two, [sampleOf(read)])]), /reclaim in/, 'nothing without one');
  const reclaim = tableText('vfs_read', 'filemap_read', '__alloc_pages_noprof', 'try_to_free_pages', 'shrink_node');
  t.match(textOf([measured(two, [sampleOf(reclaim)])]), '\n  none: frames of reclaim in 1 of 1 tables\n');
});

t.test('given a prediction, then it stands with its parts and its error; more than 3 % are marked', async (t) => {
  const marked: StackStyle = { ...plain, odd: (text) => `?${text}?` };
  const third = (...tables: readonly string[]): string => {
    const samples = tables.map((table) => sampleOf(table));
    return textOf([measured(two, [sampleOf(read)]), measured(subjectOf(THREE), samples)], marked)
      .split('\n\n')
      .at(-1)!;
  };
  t.match(
    third(),
    /\n {2}predicted from the others: path 4704 bytes[^,:]*: entry \d+ \+ overlay 248 \+ overlay 2 248 /,
  );
  // The lower overlay once more: as the kernel would print it.
  const three = deeper(read, 248);
  const body = (text: string) =>
    textOf([measured(two, [sampleOf(read)]), measured(subjectOf(THREE), [sampleOf(text)])], marked);
  t.match(body(three), /\n {2}predicted from the others: path 4704 bytes.*, as measured: /);
  t.match(body(deeper(read, 248 + 40)), /\n {2}predicted .*, 4744 measured, -40 \(-0\.8 %\): /);
  t.match(body(deeper(read, 248 + 400)), /\n {2}\?predicted .*, -400 \(-7\.8 %\): .*\?\n/);
  const unknown = textOf([measured(two, [sampleOf(read)]), measured(subjectOf('ovl(erofs[file](ext4))'), [])]);
  t.match(unknown, /\n {2}not predicted: nothing measured says what .*ext4.* costs\n/);
});

t.test('given a terminal, then lines keep within it; without one the text is ASCII', async (t) => {
  const measurements = [
    measured(two, [sampleOf(read), sampleOf(copyUp)], [{ kind: 'broken', why: 'word '.repeat(40) }]),
  ];
  for (const line of textOf(measurements, { ...plain, columns: 80 }).split('\n')) t.ok(line.length <= 80, line);
  t.notMatch(textOf(measurements), /[^\n\x20-\x7e]/);
});

/** The table of one more overlay between the two and the erofs, whose frames have `bytes` together. */
function deeper(table: string, bytes: number): string {
  const lines = table.split('\n').filter((line) => /^ *\d+\)/.test(line));
  const at = lines.findIndex((line) => line.includes('do_iter_readv_writev'));
  const add = [
    `${bytes - 192} do_iter_readv_writev+0x1b9/0x220`,
    '72 vfs_iter_read+0xde/0x140',
    '64 backing_file_read_iter+0x193/0x1e0',
    '56 ovl_read_iter+0x98/0xa0',
  ];
  const parts = [...lines.map((line) => line.replace(/^ *\d+\) +\d+ +/, ''))];
  parts.splice(at, 0, ...add);
  let depth = 0;
  const frames = parts.toReversed().map((part) => {
    depth += Number(/^\d+/.exec(part)![0]);
    return `${depth} ${part}`;
  });
  return frames
    .reverse()
    .map((frame, n) => `${n}) ${frame}\n`)
    .join('');
}
