import t from 'tap';
import { wrap } from '../../../harness/report/wrap.ts';

t.test('given a line that fits, then it stays as it is', async (t) => {
  t.strictSame(wrap('    | a  b', 9 + 1), ['    | a  b']);
  t.strictSame(wrap('', 1), ['']);
});

t.test(
  'given a line that is too long, then it is broken at spaces and set in, and colours have no width',
  async (t) => {
    t.strictSame(wrap('one two three', 9), ['one two', '    three']);
    t.strictSame(wrap('  one two three', 9), ['  one two', '      three']);
    t.strictSame(wrap('\x1b[31mone two\x1b[39m', 7), ['\x1b[31mone two\x1b[39m']);
  },
);

t.test('given a word that is too long for any line, then it stays whole', async (t) => {
  t.strictSame(wrap('a /very/long/path b', 8), ['a', '    /very/long/path', '    b']);
});
