/** T28: copy_file_range(2) in an overlay, where the data are beside the upper and where they are not. */
import t from 'tap';
import { Trees } from '../../../../harness/model/tree/trees.ts';
import {
  directory,
  disk,
  erofsDisk,
  erofsImage,
  overlay,
  symlink,
  text,
  tmpfs,
} from '../../../../harness/topology/builders.ts';
import * as to from '../../../../harness/topology/changes.ts';
import { done, doAll, list, NEW, OLD } from './trees.ts';

const tree = { a: text('A'), empty: text(''), d: directory({ b: text('B') }), l: symlink('d/b') };
const xfs = disk('xfs', { layer: directory(tree), ...tree });

t.test('given a lower on another filesystem, then nothing is copied but what has no data', (t) => {
  for (const behaviours of [NEW, OLD]) {
    const over = overlay({ lower: erofsDisk(erofsImage(tree)), upper: tmpfs() });
    const trees = new Trees(behaviours);
    t.equal(done(trees, over, to.copyFileRange('a', 'new')), 'EXDEV');
    t.equal(done(trees, over, to.copyFileRange('l', 'd/new')), 'EXDEV');
    t.equal(done(trees, over, to.copyFileRange('empty', 'none')), 'ok');
    t.strictSame(list(trees, over), ['a=A', 'd/', 'd/b=B', 'd/new=', 'empty=', 'l -> d/b', 'new=', 'none=']);
    doAll(trees, over, to.append('a', '!'), to.copyFileRange('a', 'copy'));
    t.match(list(trees, over), ['a=A!', 'copy=A!'], 'copied up, it is beside its copy');
  }
  t.end();
});

t.test('given a lower on the filesystem of the upper, then it is copied; from an overlay there it is not', (t) => {
  const trees = new Trees(NEW);
  const beside = overlay({ lower: { on: xfs, path: 'layer' }, upper: xfs });
  t.equal(done(trees, beside, to.copyFileRange('a', 'new')), 'ok');
  const above = overlay({ lower: beside, upper: xfs });
  t.equal(done(trees, above, to.copyFileRange('new', 'newer')), 'EXDEV');
  t.end();
});

t.test(
  'given a plain filesystem, then it copies; and what cannot be copied is refused as open(2) and copying do',
  (t) => {
    const trees = new Trees(NEW);
    t.equal(done(trees, xfs, to.copyFileRange('l', 'new')), 'ok');
    t.equal(done(trees, xfs, to.copyFileRange('a', 'd/b')), 'EEXIST');
    t.equal(done(trees, xfs, to.copyFileRange('none', 'new2')), 'ENOENT');
    t.equal(done(trees, xfs, to.copyFileRange('d', 'new3')), 'EISDIR');
    t.match(list(trees, xfs), ['a=A', 'd/', 'd/b=B', 'empty=', 'l -> d/b']);
    t.equal(done(trees, erofsDisk(erofsImage(tree)), to.copyFileRange('a', 'new')), 'EROFS');
    t.end();
  },
);
