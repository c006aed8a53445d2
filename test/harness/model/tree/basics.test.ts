/** T1, T2, T3, T7, T9, T10: looking up, copying up, making and removing. */
import t from 'tap';
import { Trees } from '../../../../harness/model/tree/trees.ts';
import {
  directory,
  directoryIn,
  disk,
  erofsDisk,
  erofsImage,
  overlay,
  symlink,
  text,
  tmpfs,
  type ErofsSpec,
} from '../../../../harness/topology/builders.ts';
import { done, doAll, list, listUpper, NEW, OLD, own, shown } from './trees.ts';

type Entries = ErofsSpec['tree']['entries'];

const lowers = (...layers: readonly Entries[]) => layers.map((entries) => erofsDisk(erofsImage(entries)));

const LOWER = erofsImage({
  a: text('A', { mode: 0o640, uid: 7, gid: 8, xattrs: { 'user.x': 'X' } }),
  d: directory({ b: text('B'), c: directory({ e: text('E') }) }, { mode: 0o711 }),
  l: symlink('a'),
});

function one(behaviours = NEW) {
  const over = overlay({ lower: erofsDisk(LOWER), upper: tmpfs() });
  return { trees: new Trees(behaviours), over };
}

t.test('given several lowers, then the topmost that has a file shows and directories are merged', (t) => {
  const over = overlay({
    lower: lowers(
      { f: text('1'), d: directory({ x: text('1') }) },
      { f: text('2'), g: text('2'), d: directory({ x: text('2'), y: text('2') }) },
      { d: directory({ z: text('3') }), f: directory({}) },
    ),
  });
  t.strictSame(list(new Trees(NEW), over), ['d/', 'd/x=1', 'd/y=2', 'd/z=3', 'f=1', 'g=2']);
  t.end();
});

t.test('given a file between two directories, then the upper one is not merged with the lower', (t) => {
  const over = overlay({
    lower: lowers({ d: directory({ x: text('1') }) }, { d: text('2') }, { d: directory({ z: text('3') }) }),
  });
  t.strictSame(list(new Trees(NEW), over), ['d/', 'd/x=1']);
  t.end();
});

t.test('given an opaque directory, then nothing below it shows; with any other value it does', (t) => {
  const opaque = (value: string) =>
    overlay({
      lower: lowers(
        { d: directory({ x: text('1') }, { xattrs: { 'trusted.overlay.opaque': value } }) },
        { d: directory({ y: text('2') }) },
      ),
    });
  t.strictSame(list(new Trees(NEW), opaque('y')), ['d/', 'd/x=1']);
  t.strictSame(list(new Trees(NEW), opaque('n')), ['d/', 'd/x=1', 'd/y=2']);
  t.end();
});

t.test(
  'given a whiteout that is an attribute, then a kernel that knows it hides the name, an older one shows it',
  (t) => {
    const whiteout = (opaque?: string) =>
      overlay({
        lower: lowers(
          {
            d: directory(
              { x: text('', { xattrs: { 'trusted.overlay.whiteout': '' } }) },
              opaque === undefined ? {} : { xattrs: { 'trusted.overlay.opaque': opaque } },
            ),
          },
          { d: directory({ x: text('2'), y: text('2') }) },
        ),
      });
    t.strictSame(list(new Trees(NEW), whiteout('x')), ['d/', 'd/y=2']);
    t.strictSame(list(new Trees(NEW), whiteout()), ['d/', 'd/x ENOENT', 'd/y=2'], 'readdir was not told of it');
    t.strictSame(list(new Trees(OLD), whiteout('x')), ['d/', 'd/x=', 'd/y=2']);
    t.end();
  },
);

t.test('given nothing is changed, then the upper is empty and shows nothing of its own', (t) => {
  const { trees, over } = one();
  t.strictSame(list(trees, over), ['a=A', 'd/', 'd/b=B', 'd/c/', 'd/c/e=E', 'l -> a']);
  t.strictSame(listUpper(trees, over), []);
  t.end();
});

t.test('given a write to a lower file, then it is copied up with its directories, and the lower stays', (t) => {
  const { trees, over } = one();
  doAll(trees, over, { how: 'append', path: 'd/c/e', text: '!' });
  t.strictSame(list(trees, over, 'd'), ['b=B', 'c/', 'c/e=E!']);
  t.strictSame(listUpper(trees, over), ['d/', 'd/c/', 'd/c/e=E!']);
  t.strictSame(list(trees, over.lowers[0]!.on, 'd'), ['b=B', 'c/', 'c/e=E']);
  t.strictSame(own(trees, over, 'd'), { origin: '?', impure: 'y' });
  t.strictSame(own(trees, over, 'd/c/e'), { origin: '?' });
  t.end();
});

t.test('given a copy-up, then mode, owner, time and attributes come with it', (t) => {
  const { trees, over } = one();
  doAll(trees, over, { how: 'open-write', path: 'a' });
  const file = { mode: 0o640, uid: 7, gid: 8, mtimeNs: '1577836800000000000', sizeBytes: 1, nlink: 1 };
  t.match(shown(trees, over, 'a'), { ...file, xattrs: new Map([['user.x', { presence: 'required', hex: '58' }]]) });
  t.match(
    trees.listUpper(over)?.find(({ path }) => path === 'a'),
    file,
  );
  doAll(trees, over, { how: 'write', path: 'a', offset: 0, text: 'Z' });
  t.match(shown(trees, over, 'a'), { mtimeNs: undefined });
  t.end();
});

t.test('given an upper that keeps no user attributes, then a copy-up leaves them out', (t) => {
  const { trees, over } = one(OLD);
  doAll(trees, over, { how: 'open-write', path: 'a' });
  t.match(shown(trees, over, 'a'), { xattrs: new Map() });
  t.equal(done(trees, over, { how: 'setxattr', path: 'a', name: 'user.y', value: '00' }), 'EOPNOTSUPP');
  t.equal(done(trees, over, { how: 'setxattr', path: 'a', name: 'trusted.y', value: '00' }), 'ok');
  t.end();
});

t.test('given a lower name is removed, then a whiteout stands in the upper, and a new one takes its place', (t) => {
  const { trees, over } = one();
  doAll(trees, over, { how: 'unlink', path: 'a' }, { how: 'unlink', path: 'd/b' });
  t.strictSame(list(trees, over), ['d/', 'd/c/', 'd/c/e=E', 'l -> a']);
  t.strictSame(listUpper(trees, over), ['!a', 'd/', '!d/b']);
  doAll(trees, over, { how: 'create', path: 'a', mode: 0o600, text: 'new' });
  t.strictSame(listUpper(trees, over), ['a=new', 'd/', '!d/b']);
  t.strictSame(own(trees, over, 'a'), {});
  doAll(trees, over, { how: 'unlink', path: 'a' });
  t.strictSame(listUpper(trees, over), ['!a', 'd/', '!d/b'], 'the lower one is still there');
  t.end();
});

t.test('given a name of the upper alone is removed, then nothing is left of it', (t) => {
  const { trees, over } = one();
  doAll(trees, over, { how: 'create', path: 'n', mode: 0o600, text: '' }, { how: 'unlink', path: 'n' });
  t.strictSame(listUpper(trees, over), []);
  t.end();
});

t.test('given a directory of a lower is removed and made again, then the new one is opaque', (t) => {
  const { trees, over } = one();
  t.equal(done(trees, over, { how: 'rmdir', path: 'd' }), 'ENOTEMPTY');
  doAll(
    trees,
    over,
    { how: 'unlink', path: 'd/c/e' },
    { how: 'rmdir', path: 'd/c' },
    { how: 'unlink', path: 'd/b' },
    { how: 'rmdir', path: 'd' },
  );
  t.strictSame(listUpper(trees, over), ['!d']);
  doAll(trees, over, { how: 'mkdir', path: 'd', mode: 0o700 });
  t.strictSame(list(trees, over), ['a=A', 'd/', 'l -> a']);
  t.strictSame(own(trees, over, 'd'), { opaque: 'y' });
  t.end();
});

t.test(
  'given a new directory in a merged one, then whether it is opaque depends on the kernel and the options',
  (t) => {
    const opaque = (behaviours: typeof NEW, options: { redirect_dir?: 'on'; xino?: 'on' }) => {
      const over = overlay({ lower: erofsDisk(LOWER), upper: tmpfs(), ...options });
      const trees = new Trees(behaviours);
      doAll(trees, over, { how: 'mkdir', path: 'd/n', mode: 0o700 }, { how: 'mkdir', path: 'd/n/n', mode: 0o700 });
      return [own(trees, over, 'd/n'), own(trees, over, 'd/n/n')];
    };
    t.strictSame(opaque(OLD, {}), [{ opaque: 'y' }, {}]);
    t.strictSame(opaque(NEW, {}), [{}, {}]);
    t.strictSame(opaque(NEW, { redirect_dir: 'on' }), [{ opaque: 'y' }, {}], 'in an upper directory alone it never is');
    t.strictSame(opaque(NEW, { xino: 'on' }), [{ opaque: 'y' }, {}]);
    t.end();
  },
);

t.test('given a whiteout is to be made through an overlay, then EPERM; any other device is made', (t) => {
  const { trees, over } = one();
  const node = { how: 'mknod', type: 'character', mode: 0o600, major: 0 } as const;
  t.equal(done(trees, over, { ...node, path: 'w', minor: 0 }), 'EPERM');
  t.equal(done(trees, over, { ...node, path: 'w', minor: 1 }), 'ok');
  t.equal(done(trees, over.upper!.on, { ...node, path: 'w', minor: 0 }), 'ok', 'a plain filesystem takes it');
  t.end();
});

t.test('given an overlay on an overlay, then a copy-up happens in the upper one alone', (t) => {
  const first = overlay({ lower: erofsDisk(LOWER), upper: tmpfs() });
  const second = overlay({ lower: directoryIn(first, 'd'), upper: tmpfs() });
  const trees = new Trees(NEW);
  doAll(trees, first, { how: 'append', path: 'd/b', text: '1' });
  doAll(trees, second, { how: 'append', path: 'b', text: '2' }, { how: 'unlink', path: 'c/e' });
  t.strictSame(list(trees, second), ['b=B12', 'c/']);
  t.strictSame(list(trees, first, 'd'), ['b=B1', 'c/', 'c/e=E']);
  t.strictSame(listUpper(trees, second), ['b=B12', 'c/', '!c/e']);
  t.strictSame(own(trees, second, 'b'), { origin: '' }, 'an overlay has no file handles');
  t.end();
});

t.test('given an overlay without an upper, or an image, then nothing is changed', (t) => {
  const over = overlay({ lower: lowers({ a: text('1') }, {}) });
  const trees = new Trees(NEW);
  for (const on of [over, over.lowers[0]!.on]) {
    t.equal(done(trees, on, { how: 'chmod', path: 'a', mode: 0 }), 'EROFS');
    t.equal(done(trees, on, { how: 'unlink', path: 'none' }), 'EROFS', 'asked before the name is looked up');
    t.equal(done(trees, on, { how: 'mkdir', path: 'a', mode: 0 }), 'EEXIST', 'a name that is there comes first');
    t.equal(done(trees, on, { how: 'mkdir', path: 'b', mode: 0 }), 'EROFS');
    t.equal(done(trees, on, { how: 'chmod', path: 'none', mode: 0 }), 'ENOENT');
    t.equal(done(trees, on, { how: 'open-write', path: 'a' }), 'EROFS');
  }
  t.end();
});

t.test('given a disk, then it is a plain tree that is changed in place', (t) => {
  const ext4 = disk('ext4', { a: text('A') });
  const trees = new Trees(NEW);
  doAll(trees, ext4, { how: 'write', path: 'a', offset: 2, text: 'B' }, { how: 'link', path: 'a', to: 'b' });
  t.strictSame(list(trees, ext4), ['a=A\0B', 'b=A\0B', 'lost+found/']);
  t.match(shown(trees, ext4, 'b'), { nlink: 2 });
  t.end();
});
