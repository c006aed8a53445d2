/** T4, T8, T11 to T16: moving, linking, metadata alone, attributes of the overlay's own. */
import t from 'tap';
import { Trees } from '../../../../harness/model/tree/trees.ts';
import {
  directory,
  directoryIn,
  disk,
  erofsDisk,
  erofsImage,
  overlay,
  text,
  tmpfs,
} from '../../../../harness/topology/builders.ts';
import type { Change } from '../../../../vm/machine.ts';
import type { OverlayOptions } from '../../../../harness/topology/topology.ts';
import { done, doAll, list, listUpper, NEW, OLD, own, shown } from './trees.ts';

const LOWER = { a: text('A'), d: directory({ b: text('B') }) };

function one(options: OverlayOptions = {}, behaviours = NEW) {
  const over = overlay({ lower: erofsDisk(erofsImage(LOWER)), upper: tmpfs(), ...options });
  return { trees: new Trees(behaviours), over };
}

t.test('given a file of a lower is renamed, then a whiteout stays behind; one of the upper leaves nothing', (t) => {
  const { trees, over } = one();
  doAll(trees, over, { how: 'rename', path: 'a', to: 'd/n', flags: [] });
  t.strictSame(listUpper(trees, over), ['!a', 'd/', 'd/n=A']);
  doAll(trees, over, { how: 'rename', path: 'd/n', to: 'm', flags: [] });
  t.strictSame(listUpper(trees, over), ['!a', 'd/', 'm=A']);
  t.end();
});

t.test('given a directory of a lower is renamed, then EXDEV; with redirect_dir=on it keeps its lower', (t) => {
  const refused = one();
  t.equal(done(refused.trees, refused.over, { how: 'rename', path: 'd', to: 'n', flags: [] }), 'EXDEV');
  const { trees, over } = one({ redirect_dir: 'on' });
  doAll(trees, over, { how: 'rename', path: 'd', to: 'n', flags: [] }, { how: 'mkdir', path: 'm', mode: 0o700 });
  t.strictSame(own(trees, over, 'n'), { origin: '?', redirect: 'd' });
  doAll(trees, over, { how: 'rename', path: 'n', to: 'm/n', flags: [] });
  t.equal(own(trees, over, 'm/n')['redirect'], '/d', 'in another directory it has to be a path');
  t.strictSame(list(trees, over, 'm'), ['n/', 'n/b=B']);
  t.end();
});

t.test('given flags, then NOREPLACE and EXCHANGE do as they say, and WHITEOUT is EINVAL', (t) => {
  const { trees, over } = one();
  const rename = { how: 'rename', path: 'a', to: 'd/b' } as const;
  t.equal(done(trees, over, { ...rename, flags: ['noreplace'] }), 'EEXIST');
  t.equal(done(trees, over, { ...rename, flags: ['whiteout'] }), 'EINVAL');
  t.equal(done(trees, over, { ...rename, flags: ['exchange'] }), 'ok');
  t.strictSame(list(trees, over), ['a=B', 'd/', 'd/b=A']);
  t.end();
});

t.test('given metacopy=on, then metadata alone are copied until the file is opened for writing', (t) => {
  const { trees, over } = one({ metacopy: 'on' });
  doAll(trees, over, { how: 'chmod', path: 'a', mode: 0o600 });
  t.strictSame(own(trees, over, 'a'), { origin: '?', metacopy: '' });
  t.strictSame(listUpper(trees, over), ['a=\0']);
  t.strictSame(list(trees, over), ['a=A', 'd/', 'd/b=B']);
  doAll(trees, over, { how: 'open-write', path: 'a' });
  t.strictSame(own(trees, over, 'a'), { origin: '?' });
  t.strictSame(listUpper(trees, over), ['a=A']);
  t.end();
});

for (const [index, names] of [
  ['on', ['a=AB', 'b=AB']],
  ['off', ['a=AB', 'b=A']],
] as const)
  t.test(`given a lower file with two names and index=${index}, then a write shows under ${names.join(' ')}`, (t) => {
    const ext4 = disk('ext4', { low: directory({ a: text('A') }) });
    const over = overlay({ lower: directoryIn(ext4, 'low'), upper: tmpfs(), index });
    const trees = new Trees(NEW);
    doAll(trees, ext4, { how: 'link', path: 'low/a', to: 'low/b' });
    doAll(trees, over, { how: 'append', path: 'a', text: 'B' });
    t.strictSame(list(trees, over), names);
    t.match(shown(trees, over, 'b'), { nlink: 2 });
    t.match(shown(trees, over, 'a'), { nlink: index === 'on' ? 2 : 1 });
    t.end();
  });

t.test("given an attribute of the overlay's own, then it is escaped, and before 6.7 refused", (t) => {
  const change = { how: 'setxattr', path: 'a', name: 'trusted.overlay.x', value: '00' } as const;
  const before = one({}, OLD);
  t.equal(done(before.trees, before.over, change), 'EOPNOTSUPP');
  const { trees, over } = one();
  doAll(trees, over, change);
  t.strictSame(own(trees, over, 'a'), { origin: '?', 'overlay.x': '\0' });
  t.match(shown(trees, over, 'a'), { xattrs: new Map([['trusted.overlay.x', { hex: '00' }]]) });
  t.end();
});

t.test('given a new parent that may not be followed, then it is refused before the old name is looked for', (t) => {
  const followed = { xattrs: { 'trusted.overlay.redirect': '/below' } };
  const over = overlay({
    lower: [
      erofsDisk(erofsImage({ a: text('A'), d: directory({}, followed) })),
      erofsDisk(erofsImage({ below: directory({ x: text('X') }) })),
    ],
    upper: tmpfs(),
    redirect_dir: 'nofollow',
  });
  const trees = new Trees(NEW);
  const move = (path: string, to: string): Change => ({ how: 'rename', path, to, flags: [] });
  t.equal(done(trees, over, move('none', 'd/x')), 'EPERM', 'its parent');
  t.equal(done(trees, over, move('none', 'd')), 'ENOENT', 'the new name itself comes after the old one');
  t.equal(done(trees, over, move('a', 'd')), 'EPERM');
  t.end();
});
