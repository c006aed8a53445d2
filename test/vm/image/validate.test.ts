import t from 'tap';
import { UsageError } from '../../../vm/errors.ts';
import type { DiskSpec, ErofsSpec, TreeNode } from '../../../vm/image/spec.ts';
import { blobFile, directory, file, imageFile, symlink, text } from '../../../vm/image/tree.ts';
import { checkDisk, checkErofs } from '../../../vm/image/validate.ts';

const image = (options: Partial<ErofsSpec> = {}): ErofsSpec => ({ kind: 'erofs', tree: directory({}), ...options });
const holding = (entries: Record<string, TreeNode>): ErofsSpec => image({ tree: directory(entries) });
const lz4 = { algorithm: 'lz4' } as const;

const fine: readonly ErofsSpec[] = [
  image(),
  image({ chunkBytes: 4096, blobs: 1 }),
  image({ chunkBytes: 1024, blockBytes: 1024 }),
  image({ compression: { algorithm: 'lz4hc', level: 12 }, features: ['ztailpacking', 'fragments', 'dedupe'] }),
  image({ compression: { algorithm: 'lzma', level: 109 } }),
  image({ uuid: '0a1b2c3d-0000-4000-8000-0123456789AB', mtime: 0, forceUid: 0, forceGid: 0xffff_fffe }),
  holding({
    [`${'é'.repeat(127)}x`]: text(''),
    'a b\n"$': text('', { mode: 0o7777 }),
    link: symlink('x'.repeat(4095)),
  }),
  holding({ a: text('', { xattrs: { 'user.x': '', 'trusted.overlay.opaque': 'y', 'security.a': 'b' } }) }),
  holding({
    meta: imageFile(image({ chunkBytes: 4096, blobs: 1 })),
    blob: blobFile(image({ chunkBytes: 4096, blobs: 1 })),
  }),
];

t.test('given specs that can be meant, when checked, then they pass', (t) => {
  for (const spec of fine) t.doesNotThrow(() => checkErofs(spec));
  t.end();
});

const refused: Readonly<Record<string, readonly [ErofsSpec, RegExp]>> = {
  'chunks of 5000': [image({ chunkBytes: 5000 }), /chunkBytes 5000 is not a power of two/],
  'chunks smaller than a block': [image({ chunkBytes: 2048 }), /chunkBytes 2048 .*at least a block \(4096\)/],
  'half a chunk': [image({ chunkBytes: 4096.5 }), /chunkBytes 4096\.5/],
  'blocks of 1000': [image({ blockBytes: 1000 }), /blockBytes 1000/],
  'blocks of 256': [image({ blockBytes: 256 }), /blockBytes 256/],
  'blobs without chunks': [image({ blobs: 1 }), /blobs without chunkBytes/],
  'two blobs': [image({ blobs: 2, chunkBytes: 4096 }), /blobs 2/],
  'chunks and compression': [image({ chunkBytes: 4096, compression: lz4 }), /chunks are stored as they are/],
  'a level of lz4': [image({ compression: { algorithm: 'lz4', level: 1 } }), /level 1: lz4 takes no level/],
  'level 13 of lz4hc': [image({ compression: { algorithm: 'lz4hc', level: 13 } }), /lz4hc takes 0 to 12/],
  'level 50 of lzma': [image({ compression: { algorithm: 'lzma', level: 50 } }), /lzma takes 0 to 9 or 100 to 109/],
  'ztailpacking without compression': [
    image({ features: ['ztailpacking'] }),
    /feature ztailpacking without compression/,
  ],
  'both inode forms': [image({ features: ['force-inode-compact', 'force-inode-extended'] }), /exclude each other/],
  'a uuid with a letter too many': [image({ uuid: '0a1b2c3d-0000-4000-8000-0123456789abc' }), /is not a UUID/],
  'a negative mtime': [image({ mtime: -1 }), /mtime -1/],
  'forceUid -1': [image({ forceUid: -1 }), /forceUid -1/],
  'a name with a slash': [
    holding({ d: directory({ 'a/b': text('') }) }),
    /^erofs image, \/d: the name "a\/b" has a \/ or a NUL/,
  ],
  'a name with NUL': [holding({ 'a\0b': text('') }), /\/: the name "a\\u0000b"/],
  'a name of 256 bytes': [holding({ ['é'.repeat(128)]: text('') }), /256 bytes, more than 255/],
  'an empty name': [holding({ '': text('') }), /an entry named ""/],
  'a name of two dots': [holding({ '..': text('') }), /an entry named "\.\."/],
  'half a surrogate pair': [holding({ '\ud800': text('') }), /no UTF-8 form/],
  'mode 0o10000': [holding({ a: text('', { mode: 0o10000 }) }), /\/a: mode 4096/],
  'a mode on a link': [holding({ a: { ...symlink('b'), mode: 0o777 } }), /\/a: a symbolic link has no mode/],
  'uid 2^32-1': [holding({ a: text('', { uid: 0xffff_ffff }) }), /\/a: uid 4294967295/],
  'zeros above 1': [holding({ d: directory({ a: file('a', 1, { zeros: 1.1 }) }) }), /\/d\/a: zeros 1\.1/],
  'zeros that are no number': [holding({ a: file('a', 1, { zeros: NaN }) }), /zeros NaN/],
  'a negative size': [holding({ a: file('a', -1) }), /sizeBytes -1/],
  'an empty target': [holding({ a: symlink('') }), /\/a: a target has/],
  'an attribute without namespace': [
    holding({ a: text('', { xattrs: { opaque: 'y' } }) }),
    /\/a: the attribute "opaque"/,
  ],
  'an attribute of the kernel': [
    holding({ a: text('', { xattrs: { 'system.posix_acl_access': 'y' } }) }),
    /posix_acl_access/,
  ],
  'user.* on a link': [holding({ a: symlink('b', { xattrs: { 'user.a': 'y' } }) }), /user\.a on a symbolic link/],
  'an attribute too large': [holding({ a: text('', { xattrs: { 'user.a': 'x'.repeat(65537) } }) }), /65537 bytes/],
  'a blob that the image has not': [holding({ b: blobFile(image()) }), /\/b: blob 0 of an image with 0/],
  'an image in the tree that cannot be': [
    holding({ d: directory({ i: imageFile(image({ blobs: 1 })) }) }),
    /image \/d\/i: blobs without/,
  ],
};

for (const [name, [spec, message]] of Object.entries(refused)) {
  t.test(`given ${name}, when checked, then it is a UsageError that says where`, (t) => {
    t.throws(() => checkErofs(spec), { name: 'UsageError', message });
    t.end();
  });
}

const MiB = 1024 ** 2;
const disk = (
  filesystem: 'xfs' | 'ext4' | 'btrfs',
  entries: Record<string, TreeNode>,
  sizeBytes = 512 * MiB,
): DiskSpec => ({
  kind: 'disk',
  filesystem,
  sizeBytes,
  tree: directory(entries),
});

t.test('given what a protofile cannot say, when checked, then XFS refuses it and ext4 and btrfs do not', (t) => {
  const trees: readonly (readonly [Record<string, TreeNode>, RegExp])[] = [
    [{ d: directory({ 'a b': text('') }) }, /^xfs disk, \/d\/a b: white space.*; ext4 or btrfs can$/],
    [{ a: symlink('b c') }, /white space/],
    [{ $: text('') }, /the name \$/],
    [{ tmp: directory({}, { mode: 0o1777 }) }, /sticky/],
    [{ a: text('', { xattrs: { 'user.a': 'b' } }) }, /extended attributes/],
  ];
  for (const [entries, message] of trees) {
    t.throws(() => checkDisk(disk('xfs', entries)), { name: 'UsageError', message });
    t.doesNotThrow(() => checkDisk(disk('ext4', entries)));
    t.doesNotThrow(() => checkDisk(disk('btrfs', entries)));
  }
  t.end();
});

t.test('given a line break in a name, when checked, then ext4 refuses it and btrfs does not', (t) => {
  t.throws(() => checkDisk(disk('ext4', { 'a\nb': text('') })), UsageError);
  t.doesNotThrow(() => checkDisk(disk('btrfs', { 'a\nb': text('') })));
  t.end();
});

t.test('given a root of its own mode or owner, when checked, then btrfs refuses it and the others do not', (t) => {
  for (const root of [{ mode: 0o700 }, { uid: 1 }, { gid: 1 }, { xattrs: { 'user.a': 'b' } }]) {
    const tree = directory({}, root);
    t.throws(() => checkDisk({ ...disk('btrfs', {}), tree } as DiskSpec), { name: 'UsageError', message: /the root/ });
    t.doesNotThrow(() => checkDisk({ ...disk('ext4', {}), tree } as DiskSpec));
  }
  t.doesNotThrow(() => checkDisk({ ...disk('btrfs', {}), tree: directory({}, { mode: 0o755, uid: 0 }) } as DiskSpec));
  t.end();
});

t.test('given sizes that no disk has, when checked, then each is a UsageError', (t) => {
  for (const sizeBytes of [0, -4096, 4097, NaN, Infinity])
    t.throws(() => checkDisk(disk('ext4', {}, sizeBytes)), UsageError);
  t.throws(() => checkDisk(disk('xfs', {}, 299 * MiB)), { message: /smallest XFS/ });
  t.doesNotThrow(() => checkDisk(disk('xfs', {}, 300 * MiB)));
  t.end();
});

t.test('given a disk of an image that cannot be, when checked, then it is refused', (t) => {
  t.throws(
    () => checkDisk({ kind: 'disk', filesystem: 'erofs', sizeBytes: MiB, image: image({ blobs: 1 }) }),
    UsageError,
  );
  t.end();
});
