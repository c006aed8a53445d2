import t from 'tap';
import { barsText } from '../../../harness/report/chart/bars.ts';
import type { StackStyle } from '../../../harness/report/stack-text.ts';
import { copyUpRow, cost, nested, readRow, row } from './chart-rows.ts';

const same = (text: string): string => text;
const plain: StackStyle = {
  bold: same,
  dim: same,
  good: same,
  bad: same,
  odd: same,
  columns: 80,
  unicode: false,
};
const barsIn = (text: string): readonly string[] => [...text.matchAll(/\[([^\]]*)\] /g)].map(([, bar]) => bar!);

t.test(
  "given the mail's tables in 80 columns, then bars and figures are aligned and ASCII, and a legend is once",
  (t) => {
    const text = barsText([copyUpRow, readRow], plain);
    t.match(text, /^ {2}copy-up {2}\[ev+1+2E+F+B+D+M?\.+\] {2}6688 {2}6688 {3}9696$/m);
    t.match(text, /^ {2}read {5}\[ev?12E+F+B+S+\.+\] {2}5456 {2}4456 {2}10928$/m);
    t.equal(text.match(/overlay 1/g)?.length, 1);
    t.match(text.replace(/\s+/g, ' '), /e entry, v vfs, 1 overlay 1, 2 overlay 2, E erofs, F xfs, B block/);
    t.notMatch(text, /[^\n\x20-\x7e]/);
    for (const line of text.split('\n')) t.ok(line.length <= 80, line);
    t.end();
  },
);

t.test('given labels that leave no room for a bar beside them, then each stands above its own', (t) => {
  const label = `ovl(ovl(erofs[file](xfs))) - ${'copy-up '.repeat(7)}- 6.18.9`;
  const text = barsText([{ ...copyUpRow, label }, readRow], plain);
  for (const line of text.split('\n')) t.ok(line.length <= 80, line);
  t.equal(new Set(text.split('\n').flatMap((line) => (line.includes('[e') ? [line.indexOf('[e')] : []))).size, 1);
  t.ok(text.replace(/\s+/g, ' ').includes(label), 'nothing of it is cut off');
  t.match(
    barsText([{ ...copyUpRow, label }], { ...plain, columns: 200 }),
    /6\.18\.9 {2}\[ev/,
    'on a wide terminal beside',
  );
  t.end();
});

t.test('given a terminal that takes UTF-8, then the frame is drawn with it', (t) => {
  t.match(barsText([copyUpRow], { ...plain, unicode: true }), /▕ev+1.*·▏/);
  t.end();
});

t.test('given stacks of two sizes, then the smaller one is the shorter bar', (t) => {
  const small = { ...row('small', cost('vfs', 1000)), threadSizeBytes: 8192 };
  const [long, short] = barsIn(barsText([row('large', cost('vfs', 1000)), small], plain));
  t.equal(long!.length, 2 * short!.length);
  t.equal(/^v+/.exec(long!)![0], /^v+/.exec(short!)![0], 'on one scale');
  t.end();
});

t.test('given a peak beyond the stack, then the bar is full and the figures are marked', (t) => {
  const marked = { ...plain, bad: (text: string) => `<${text}>` };
  t.match(barsText([nested(12)], marked), /\[[^.]+\] {2}<18552 {2}18552 {2}-2168>/);
  t.notMatch(barsText([nested(2)], marked), /</);
  t.end();
});

t.test('given runs, then the spread of their peaks is among the figures, and else it is not', (t) => {
  const spread = { minBytes: 6600, maxBytes: 7184, runs: 100 };
  const text = barsText([{ ...copyUpRow, spread }, readRow], plain);
  t.match(text, /6688 {3}9696 {2}6600-7184 of 100$/m);
  t.match(text, /10928 {17}-$/m);
  t.notMatch(barsText([copyUpRow], plain), /runs/);
  t.end();
});
