/** A small tree that has one of everything, for scenarios of what an overlay does to it. */
import { directory, file, symlink, text } from '../harness/topology/builders.ts';

export const everything = {
  a: text('a'),
  b: text('b', { mode: 0o640, uid: 7, gid: 8 }),
  'big.bin': file('everything', 20_000),
  suid: text('suid', { mode: 0o4755 }),
  dir: directory({ in: text('in'), other: text('other'), sub: directory({ deep: text('deep') }) }),
  empty: directory({}, { mode: 0o750, uid: 3 }),
  link: symlink('dir/in'),
  dangling: symlink('nowhere'),
};
