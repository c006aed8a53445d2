/** Rules O that fathom's overlays meet, and D2 to D4: both sides of each, the order of checks, and messages. */
import t from 'tap';
import type { Behaviours } from '../../../harness/model/behaviour.ts';
import {
  directory,
  directoryIn,
  disk,
  ecryptfs,
  erofsDisk,
  fuse,
  overlay,
  tmpfs,
} from '../../../harness/topology/builders.ts';
import type { OverlayMount, OverlayOptions } from '../../../harness/topology/topology.ts';
import { image, onLoop, over, root } from './graphs.ts';
import { answer, behavioursOf, brief, owes, requires } from './kernels.ts';

const v510 = behavioursOf('5.10.262');
const v61 = behavioursOf('6.1.192');
const v612 = behavioursOf('6.12.117');
const v616 = behavioursOf('6.16.12');
const v73 = behavioursOf('7.3.4');
const EVERY = [v510, v61, v612, v616, v73];

const tree = disk('ext4', { a: directory({ b: directory({}) }), c: directory({}), 'a.b': directory({}) });
const objects = directoryIn(root, 'objects');

/** An overlay on two directories of a disk, with an upper and these options. */
function withOptions(options: OverlayOptions, upper = true): () => OverlayMount {
  return () => overlay({ lower: [directoryIn(tree, 'a'), tmpfs()], ...(upper ? { upper: root } : {}), ...options });
}

/** The only upper that has a depth of its own and is not refused: FUSE passthrough, if its daemon knows whiteouts. */
function onPassthrough(maxStackDepth: number) {
  return overlay({ lower: onLoop(), upper: fuse(root, { maxStackDepth }) });
}

function withoutWork() {
  return overlay({ lower: onLoop(), upper: { on: root, withoutWork: true } });
}

type Row = readonly [title: string, make: () => OverlayMount, kernels: readonly Behaviours[], result: string];

const CASES: readonly Row[] = [
  ['D2: one more than the deepest lower', () => overlay({ lower: [onLoop(), over(onLoop())] }), EVERY, 'ok d2'],
  ['D2: the order of lowers does not matter', () => overlay({ lower: [over(onLoop()), onLoop()] }), EVERY, 'ok d2'],
  ['D2: an upper counts', () => onPassthrough(1), [v612, v73], 'ok d2'],
  ['D3: an upper alone may be too deep', () => onPassthrough(2), [v612, v73], 'EINVAL D3'],
  ['D3: two overlays', () => over(over(onLoop())), EVERY, 'ok d2'],
  ['D3: three overlays', () => over(over(over(onLoop()))), EVERY, 'EINVAL D3'],
  ['D3: a read-only overlay on two', () => overlay({ lower: [over(over(onLoop())), tmpfs()] }), EVERY, 'EINVAL D3'],
  ['O1: one lower, no upper', () => overlay({ lower: onLoop() }), EVERY, 'EINVAL O1'],
  ['O1: one lower, an upper', () => over(onLoop()), EVERY, 'ok d1'],
  ['O1: two lowers, no upper', () => overlay({ lower: [onLoop(), tmpfs()] }), EVERY, 'ok d1'],
  ['O1: a data-only lower is a second', () => overlay({ lower: onLoop(), dataOnly: [objects] }), [v616, v73], 'ok d1'],
  ['O3: no lower', () => overlay({ lower: [], upper: root }), EVERY, 'EINVAL O3'],
  ['O4: no workdir', withoutWork, [v61, v612, v73], 'EINVAL O4'],
  ['O4: no workdir in 5.10', withoutWork, [v510], 'ENOMEM O4'],
  [
    'O7: workdir elsewhere',
    () => overlay({ lower: onLoop(), upper: { on: root, workOn: tmpfs() } }),
    EVERY,
    'EINVAL O7',
  ],
  ['O7: workdir beside', () => overlay({ lower: onLoop(), upper: { on: root, workOn: root } }), EVERY, 'ok d1'],
  ['O9: upper on an overlay', () => overlay({ lower: onLoop(), upper: over(onLoop()) }), EVERY, 'EINVAL O9'],
  [
    'O9: workdir on an overlay',
    () => overlay({ lower: onLoop(), upper: { on: root, workOn: over(onLoop()) } }),
    EVERY,
    'EINVAL O9',
  ],
  ['O10: upper on erofs', () => overlay({ lower: tree, upper: erofsDisk(image) }), EVERY, 'EINVAL O10'],
  [
    'O10: workdir on erofs',
    () => overlay({ lower: tree, upper: { on: root, workOn: erofsDisk(image) } }),
    [v612, v73],
    'EINVAL O10',
  ],
  [
    'O10: workdir on erofs, not looked at',
    () => overlay({ lower: tree, upper: { on: root, workOn: erofsDisk(image) } }),
    [v510, v61],
    'EINVAL O7',
  ],
  ['O16: data-only lowers are unknown', () => overlay({ lower: tree, dataOnly: [objects] }), [v510, v61], 'EINVAL O16'],
  [
    'O17: only data-only lowers',
    () => overlay({ lower: [], dataOnly: [objects], upper: root }),
    [v612, v73],
    'EINVAL O17',
  ],
  [
    'O17: only data-only lowers, unknown',
    () => overlay({ lower: [], dataOnly: [objects], upper: root }),
    [v510, v61],
    'EINVAL O16',
  ],
  ['O22: data-only without metacopy', () => overlay({ lower: tree, dataOnly: [objects] }), [v612], 'EINVAL O22'],
  [
    'O22: data-only with metacopy',
    () => overlay({ lower: tree, dataOnly: [objects], metacopy: 'on' }),
    [v612, v616, v73],
    'ok d1',
  ],
  ['O22: no longer asked', () => overlay({ lower: tree, dataOnly: [objects] }), [v616, v73], 'ok d1'],
  ['O24: metacopy and redirect_dir=off', withOptions({ metacopy: 'on', redirect_dir: 'off' }), EVERY, 'EINVAL O24'],
  [
    'O24: metacopy and redirect_dir=nofollow',
    withOptions({ metacopy: 'on', redirect_dir: 'nofollow' }, false),
    EVERY,
    'EINVAL O24',
  ],
  [
    'O24: metacopy and redirect_dir=follow, an upper',
    withOptions({ metacopy: 'on', redirect_dir: 'follow' }),
    EVERY,
    'EINVAL O24',
  ],
  [
    'O24: metacopy and redirect_dir=follow, no upper',
    withOptions({ metacopy: 'on', redirect_dir: 'follow' }, false),
    EVERY,
    'ok d1',
  ],
  ['O24: metacopy and redirect_dir=on', withOptions({ metacopy: 'on', redirect_dir: 'on' }), EVERY, 'ok d1'],
  ['O24: metacopy alone', withOptions({ metacopy: 'on' }), EVERY, 'ok d1'],
  ['O25: nfs_export and index=off', withOptions({ nfs_export: 'on', index: 'off' }), EVERY, 'EINVAL O25'],
  ['O25: nfs_export alone', withOptions({ nfs_export: 'on' }), EVERY, 'ok d1'],
  ['O25: nfs_export and metacopy', withOptions({ nfs_export: 'on', metacopy: 'on' }), EVERY, 'EINVAL O25'],
  ['O25: nfs_export and metacopy=off', withOptions({ nfs_export: 'on', metacopy: 'off' }), EVERY, 'ok d1'],
  [
    'O25: nfs_export and index=off, no upper, following',
    withOptions({ nfs_export: 'on', index: 'off' }, false),
    EVERY,
    'ok d1',
  ],
  [
    'O25: the same, not following',
    withOptions({ nfs_export: 'on', index: 'off', redirect_dir: 'nofollow' }, false),
    EVERY,
    'EINVAL O25',
  ],
  [
    'O26: userxattr and redirect_dir=on',
    withOptions({ userxattr: true, redirect_dir: 'on' }),
    [v61, v612, v73],
    'EINVAL O26',
  ],
  [
    'O26: userxattr and redirect_dir=nofollow',
    withOptions({ userxattr: true, redirect_dir: 'nofollow' }),
    [v61, v612, v73],
    'ok d1',
  ],
  ['O26: userxattr and metacopy', withOptions({ userxattr: true, metacopy: 'on' }), [v61, v612, v73], 'EINVAL O26'],
  ['O29: upper on eCryptfs', () => overlay({ lower: onLoop(), upper: ecryptfs(tree) }), EVERY, 'EINVAL O29'],
  [
    'O33: a directory twice',
    () => overlay({ lower: [directoryIn(tree, 'a'), directoryIn(tree, 'a')] }),
    EVERY,
    'ELOOP O33',
  ],
  [
    'O34: a lower within a lower',
    () => overlay({ lower: [directoryIn(tree, 'a/b'), directoryIn(tree, 'a')] }),
    EVERY,
    'ELOOP O34',
  ],
  ['O34: the other way round', () => overlay({ lower: [tree, directoryIn(tree, 'c')] }), EVERY, 'ELOOP O34'],
  [
    'O34: side by side, one name the beginning of the other',
    () => overlay({ lower: [directoryIn(tree, 'a'), directoryIn(tree, 'a.b')] }),
    EVERY,
    'ok d1',
  ],
  ['O34: the upper within a lower', () => overlay({ lower: root, upper: root }), EVERY, 'ok d1'],
  ['O40: userxattr in 5.10', withOptions({ userxattr: true }), [v510], 'EINVAL O40'],
];

for (const [title, make, kernels, result] of CASES)
  t.test(`${title}, then ${result}`, (t) => {
    for (const kernel of kernels) t.equal(brief(answer(make(), kernel)), result, kernel.overlayOptions);
    t.end();
  });

const ORDER: readonly Row[] = [
  ['O9 before O24, path by path', badUpper({ metacopy: 'on', redirect_dir: 'off' }), [v612, v73], 'EINVAL O9'],
  ['O24 before O9, options first', badUpper({ metacopy: 'on', redirect_dir: 'off' }), [v510, v61], 'EINVAL O24'],
  [
    'O17 before O9',
    () => overlay({ lower: [], dataOnly: [objects], upper: over(onLoop()) }),
    [v612, v73],
    'EINVAL O17',
  ],
  [
    'O9 before O16',
    () => overlay({ lower: tree, dataOnly: [objects], upper: over(onLoop()) }),
    [v510, v61],
    'EINVAL O9',
  ],
  [
    'O9 before O4, path by path',
    () => overlay({ lower: tree, upper: { on: over(onLoop()), withoutWork: true } }),
    [v612, v73],
    'EINVAL O9',
  ],
  [
    'O4 before O9, options first',
    () => overlay({ lower: tree, upper: { on: over(onLoop()), withoutWork: true } }),
    [v61],
    'EINVAL O4',
  ],
  [
    'O24 before O22',
    () => overlay({ lower: tree, dataOnly: [objects], metacopy: 'on', redirect_dir: 'nofollow' }),
    [v612],
    'EINVAL O24',
  ],
  [
    'O24 before O3',
    () => overlay({ lower: [], upper: root, metacopy: 'on', redirect_dir: 'off' }),
    EVERY,
    'EINVAL O24',
  ],
  ['O3 before O4', () => overlay({ lower: [], upper: { on: root, withoutWork: true } }), EVERY, 'EINVAL O3'],
  [
    'O7 before D3',
    () => overlay({ lower: over(over(onLoop())), upper: { on: root, workOn: tmpfs() } }),
    EVERY,
    'EINVAL O7',
  ],
  ['O1 before D3', () => overlay({ lower: over(over(onLoop())) }), EVERY, 'EINVAL O1'],
  ['O16 before D3', () => overlay({ lower: over(over(onLoop())), dataOnly: [objects] }), [v510, v61], 'EINVAL O16'],
  ['D3 before O33', () => twice(over(over(onLoop()))), EVERY, 'EINVAL D3'],
];

function badUpper(options: OverlayOptions): () => OverlayMount {
  return () => overlay({ lower: tree, upper: over(onLoop()), ...options });
}
function twice(lower: OverlayMount): OverlayMount {
  return overlay({ lower: [lower, lower] });
}

for (const [title, make, kernels, result] of ORDER)
  t.test(`order: ${title}`, (t) => {
    for (const kernel of kernels) t.equal(brief(answer(make(), kernel)), result, kernel.overlayOptions);
    t.end();
  });

t.test('CH6: a path is quoted and logged by overlayfs itself before 6.5, and a context speaks since', (t) => {
  const upper = badUpper({});
  const quoted = "overlayfs: filesystem on '/fathom/3-overlay/.fathom/4-overlay/upper' not supported as upperdir";
  const plain = 'overlay: filesystem on /fathom/3-overlay/.fathom/4-overlay/upper not supported as upperdir';
  t.ok(owes(answer(upper(), v61), quoted));
  t.ok(owes(answer(upper(), v61, 'fsopen'), quoted), 'legacy options have no context log');
  t.notOk(owes(answer(upper(), v73), quoted));
  t.ok(owes(answer(upper(), v73), plain));
  t.notOk(owes(answer(upper(), v73, 'fsopen'), plain), 'CH2: not in the kernel log');
  t.ok(owes(answer(upper(), v73, 'fsopen'), `e ${plain}`, 'context'));
  t.end();
});

t.test('CH1: what fill_super says goes to the kernel log, also after fsopen(2)', (t) => {
  const line = 'overlayfs: maximum fs stacking depth exceeded';
  for (const api of ['mount', 'fsopen'] as const) t.ok(owes(answer(over(over(over(onLoop()))), v73, api), line));
  t.end();
});

t.test('options that exclude each other are quoted: the word that was given, or what it came to', (t) => {
  const off = withOptions({ metacopy: 'on', redirect_dir: 'off' });
  t.ok(owes(answer(off(), v61), 'overlayfs: conflicting options: metacopy=on,redirect_dir=off'));
  t.ok(owes(answer(off(), v73), 'overlayfs: conflicting options: metacopy=on,redirect_dir=follow'));
  const never = behavioursOf('7.3.4', { OVERLAY_FS_REDIRECT_ALWAYS_FOLLOW: 'n' });
  t.ok(owes(answer(off(), never), 'overlayfs: conflicting options: metacopy=on,redirect_dir=nofollow'));
  const follow = withOptions({ userxattr: true, redirect_dir: 'follow' }, false);
  t.ok(owes(answer(follow(), v61), 'overlayfs: conflicting options: userxattr,redirect_dir=follow'));
  t.ok(owes(answer(follow(), v73), 'overlayfs: conflicting options: userxattr,redirect_dir=on'));
  t.end();
});

t.test('what an option leaves out, CONFIG_OVERLAY_FS_… decides', (t) => {
  const metacopy = behavioursOf('6.12.117', { OVERLAY_FS_METACOPY: 'y' });
  const dataOnly = (options: OverlayOptions) => overlay({ lower: tree, dataOnly: [objects], upper: root, ...options });
  t.equal(brief(answer(dataOnly({}), metacopy)), 'ok d1');
  t.equal(
    brief(answer(dataOnly({ redirect_dir: 'nofollow' }), metacopy)),
    'EINVAL O22',
    'redirect_dir switches it off',
  );
  const exported = behavioursOf('6.12.117', { OVERLAY_FS_INDEX: 'y', OVERLAY_FS_NFS_EXPORT: 'y' });
  t.equal(brief(answer(withOptions({ index: 'off' })(), exported)), 'ok d1', 'index=off switches export off');
  t.equal(brief(answer(withOptions({ metacopy: 'on' })(), exported)), 'ok d1', 'metacopy=on switches export off');
  t.equal(brief(answer(dataOnly({ nfs_export: 'on' }), metacopy)), 'EINVAL O22', 'nfs_export=on switches metacopy off');
  const never = behavioursOf('6.12.117', { OVERLAY_FS_REDIRECT_ALWAYS_FOLLOW: 'n' });
  const readOnly = (options: OverlayOptions) => withOptions({ nfs_export: 'on', index: 'off', ...options }, false)();
  t.equal(brief(answer(readOnly({}), never)), 'EINVAL O25');
  t.equal(brief(answer(readOnly({ metacopy: 'on' }), never)), 'ok d1', 'metacopy=on brings redirect_dir=on');
  t.end();
});

t.test('O39: with an index, NFS export or xino=auto, warnings of layers are no surprise; else they are', (t) => {
  const line =
    "overlayfs: fs on '/fathom/2-erofs' does not support file handles, falling back to index=off,nfs_export=off.";
  const uuid =
    "overlayfs: conflicting uuid in non-single lower fs '/', falling back to xino=off,index=off,nfs_export=off.";
  t.ok(owes(answer(withOptions({ index: 'on' })(), v510), line));
  const twins = (options: OverlayOptions) =>
    overlay({
      lower: [disk('ext4', {}), disk('ext4', {})].map((each) => ({ ...each, disk: tree.disk })),
      upper: root,
      ...options,
    });
  t.ok(owes(answer(twins({ xino: 'auto' }), v73), uuid));
  t.notOk(owes(answer(twins({}), v73), uuid), 'nothing asks for it');
  t.notOk(owes(answer(withOptions({ xino: 'auto' })(), v73), uuid), 'each UUID is there once');
  t.notOk(owes(answer(withOptions({})(), v510), line));
  t.notOk(owes(answer(withOptions({ index: 'on' }, false)(), v510), line), 'without an upper there is no index');
  t.end();
});

t.test('O39: a squashfs has a null UUID, which will do where nothing changes offline, and for one of them', (t) => {
  const squashfs = (name: string) => disk('squashfs', { [name]: directory({}) });
  const line = (off: string) =>
    `overlayfs: null uuid in non-single lower fs '/', falling back to ${off}nfs_export=off.`;
  const says = (count: number, options: OverlayOptions, upper = true) => {
    const lower = ['a', 'b', 'c'].slice(0, count).map(squashfs);
    const predicted = answer(overlay({ lower, ...(upper ? { upper: root } : {}), ...options }), v73);
    return ['xino=off,index=off,', 'xino=on,index=off,'].filter((off) => requires(predicted, line(off))).join(' ');
  };
  t.equal(says(1, { xino: 'auto' }), 'xino=off,index=off,');
  t.equal(says(1, { xino: 'auto', metacopy: 'on' }), '', 'metacopy has the layers stay as they are');
  t.equal(says(1, { index: 'on' }), '');
  t.equal(says(2, { index: 'on' }), 'xino=off,index=off,');
  t.equal(says(2, { index: 'on', xino: 'on' }), 'xino=on,index=off,');
  t.equal(says(2, { xino: 'on' }), '', 'nothing falls back');
  t.equal(says(2, { xino: 'auto' }, false), '', 'nothing is decoded without an upper');
  const single = answer(overlay({ lower: squashfs('a'), upper: root, index: 'on' }), v73);
  t.notOk(owes(single, line('xino=off,index=off,')), 'where it is not due it is a surprise');
  const onTmpfs = answer(overlay({ lower: tmpfs(), upper: root, index: 'on' }), v510);
  t.ok(owes(onTmpfs, line('xino=off,index=off,')), 'and none where the model does not know the UUID');
  t.end();
});
