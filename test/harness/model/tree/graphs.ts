/** Overlays whose trees differ in their rules, each with what is done to its lowers before it is mounted. */
import type { Change } from '../../../../vm/machine.ts';
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
  whiteout,
  type ErofsSpec,
} from '../../../../harness/topology/builders.ts';
import type { Mount, OverlayMount } from '../../../../harness/topology/topology.ts';

export interface Graph {
  readonly name: string;
  /** In the order in which they are mounted; the last is the one that is changed. */
  readonly overlays: readonly OverlayMount[];
  readonly before: readonly { readonly on: Mount; readonly change: Change }[];
}

type Entries = ErofsSpec['tree']['entries'];

const UPPER_ENTRIES: Entries = {
  a: text('a of the first\n', { xattrs: { 'user.x': 'x', 'trusted.x': 'y' } }),
  d: directory({ a: text('d/a of the first\n'), e: directory({ b: text('deep\n') }, { mode: 0o700, uid: 3 }) }),
  e: symlink('d'),
};
const LOWER_ENTRIES: Entries = {
  a: directory({ n: text('hidden\n') }),
  b: text('b of the second\n', { mode: 0o4755, gid: 9 }),
  d: directory({ b: text('d/b of the second\n'), e: directory({ a: text('deeper\n'), d: directory({}) }) }),
  n: directory({ a: text('n/a\n') }, { mode: 0o2775, gid: 4 }),
};

const own = (name: string, value: string) => ({ xattrs: { [`trusted.overlay.${name}`]: value } });

/** What the upper of an overlay looks like when it becomes a lower. */
const LAYER_ENTRIES: Entries = {
  a: text('as long as b of the second\n'.slice(8), {
    xattrs: { 'trusted.overlay.metacopy': '', 'trusted.overlay.redirect': '/b' },
  }),
  b: whiteout(),
  d: directory({ n: text('new\n') }, own('opaque', 'y')),
  e: directory({ e: text('', own('whiteout', '')), n: whiteout() }, own('opaque', 'x')),
  n: directory({ b: text('n/b\n') }, own('redirect', '/d/e')),
};
const BELOW_ENTRIES: Entries = {
  ...LOWER_ENTRIES,
  e: directory({ a: text('e/a\n'), e: text('hidden\n'), n: text('hidden\n') }),
};
/** A metacopy, and one that has lost its data. */
const METACOPIES: Entries = {
  a: text('12345', { mode: 0o640, xattrs: { 'trusted.overlay.metacopy': '', 'trusted.overlay.redirect': '/x/data' } }),
  b: text('12345', { xattrs: { 'trusted.overlay.metacopy': '', 'trusted.overlay.redirect': '/x/none' } }),
  d: directory({
    a: text('67890', { xattrs: { 'trusted.overlay.metacopy': '', 'trusted.overlay.redirect': '/x/data' } }),
  }),
};
const DATA: Entries = { x: directory({ data: text('abcde') }) };

const image = (entries: Entries) => erofsDisk(erofsImage(entries));

export function graphs(): readonly Graph[] {
  const same = disk('ext4', { low: directory({ ...UPPER_ENTRIES, b: text('linked\n') }) });
  const other = disk('ext4', { low: directory({ ...UPPER_ENTRIES, b: text('linked\n') }) });
  const links = (on: Mount) =>
    [
      { on, change: { how: 'link', path: 'low/b', to: 'low/n' } },
      { on, change: { how: 'link', path: 'low/b', to: 'low/d/n' } },
    ] as const;
  const two = () => [image(UPPER_ENTRIES), image(LOWER_ENTRIES)];
  const first = overlay({ lower: two(), upper: tmpfs() });
  return [
    { name: 'two images below a tmpfs', overlays: [overlay({ lower: two(), upper: tmpfs() })], before: [] },
    {
      name: 'two images below ext4 with redirect_dir=on',
      overlays: [overlay({ lower: two(), upper: disk('ext4', {}), redirect_dir: 'on' })],
      before: [],
    },
    {
      name: 'two images below ext4 with metacopy=on, index=on, xino=on',
      overlays: [overlay({ lower: two(), upper: disk('ext4', {}), metacopy: 'on', index: 'on', xino: 'on' })],
      before: [],
    },
    {
      name: 'one disk with hard links, index=on',
      overlays: [overlay({ lower: directoryIn(same, 'low'), upper: same, index: 'on' })],
      before: links(same),
    },
    {
      name: 'another disk with hard links, index=on, metacopy=on',
      overlays: [overlay({ lower: directoryIn(other, 'low'), upper: disk('xfs', {}), index: 'on', metacopy: 'on' })],
      before: links(other),
    },
    {
      name: 'a disk with hard links and no index',
      overlays: [overlay({ lower: directoryIn(same, 'low'), upper: tmpfs() })],
      before: links(same),
    },
    {
      name: 'an overlay on an overlay',
      overlays: [first, overlay({ lower: first, upper: disk('xfs', {}), redirect_dir: 'on' })],
      before: [],
    },
    ...(['on', 'follow', 'nofollow'] as const).map((redirect_dir) => ({
      name: `layers that were uppers, redirect_dir=${redirect_dir}`,
      overlays: [
        overlay({
          lower: [image(LAYER_ENTRIES), image(BELOW_ENTRIES)],
          upper: disk('ext4', {}),
          redirect_dir,
          ...(redirect_dir === 'on' ? { metacopy: 'on' } : {}),
        }),
      ],
      before: [],
    })),
    {
      name: 'a data-only lower',
      overlays: [
        overlay({ lower: image(METACOPIES), dataOnly: [image(DATA)], upper: disk('ext4', {}), metacopy: 'on' }),
      ],
      before: [],
    },
    {
      name: 'attributes of the namespace user',
      overlays: [overlay({ lower: two(), upper: disk('ext4', {}), userxattr: true })],
      before: [],
    },
  ];
}
