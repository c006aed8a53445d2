/** Rules E: each with a mount that breaks it and one that just does not. */
import t from 'tap';
import type { Behaviours } from '../../../harness/model/behaviour.ts';
import { INCOMPAT } from '../../../harness/model/erofs-history.ts';
import { mountErofs } from '../../../harness/model/rules/erofs.ts';
import type { ErofsSubject, ImageFacts, SourceFacts } from '../../../harness/model/rules/erofs-facts.ts';
import { isRefusal } from '../../../harness/model/rules/rule.ts';
import type { Superblock } from '../../../harness/model/superblock.ts';
import { behavioursOf } from './kernels.ts';
import { onFile } from './graphs.ts';

const ext4: Superblock = {
  type: 'ext4',
  depth: 0,
  hasBlockDevice: true,
  makesWhiteouts: true,
  keptByOverlay: false,
  hasReadFolio: true,
  readOnly: false,
  isOverlay: false,
  hasFileHandles: true,
  uuid: undefined,
  encoding: undefined,
};
const tmpfs: Superblock = { ...ext4, type: 'tmpfs', hasBlockDevice: false, hasReadFolio: false };
const FILE: SourceFacts = { kind: 'regular', on: ext4, as: 'path' };
const BLOCK: SourceFacts = { kind: 'block', as: 'path' };
const IMAGE: ImageFacts = {
  validMagic: true,
  offsetBytes: 0,
  blkszbits: 12,
  checksum: 'valid',
  incompat: 0,
  compression: undefined,
  extraDevices: 0,
  untaggedDevices: 0,
  hasShareXattrs: false,
  checksumBlockBytes: 4096,
  dirblkbits: 0,
  sbExtslots: 0,
  volumeNameEnds: true,
  rootIs: undefined,
  damage: [],
};

/** Behind a sector, and without a checksum. */
const UNSUMMED: Partial<ImageFacts> = { offsetBytes: 512, checksum: 'absent' };

type Given = Partial<Omit<ErofsSubject, 'image'>> & { readonly image?: Partial<ImageFacts> };

function ask(given: Given, behaviours: Behaviours) {
  return mountErofs(
    {
      mount: onFile(),
      options: {},
      api: 'mount',
      by: 'init',
      source: FILE,
      devices: [],
      shares: false,
      depthOf: () => 0,
      ...given,
      image: { ...IMAGE, ...given.image },
    },
    behaviours,
  );
}

/** `ok d0`, `EINVAL E14`. */
function brief(given: Given, behaviours: Behaviours): string {
  const result = ask(given, behaviours);
  if (!isRefusal(result)) return `ok d${result.depth}`;
  return `${result.errno} ${result.rule}${result.unknown === undefined ? '' : '?'}`;
}

/** The lines that are owed, tried in both channels: `log …` or `context …`. */
function lines(given: Given, behaviours: Behaviours, candidates: readonly string[]): readonly string[] {
  return ask(given, behaviours).messages.flatMap(({ channel, pattern }) =>
    candidates.filter((line) => pattern.test(line)).map((line) => `${channel}: ${line}`),
  );
}

const v510 = behavioursOf('5.10.262');
const v61 = behavioursOf('6.1.192');
const v612 = behavioursOf('6.12.117');
const v616 = behavioursOf('6.16.12');
const v618 = behavioursOf('6.18.9');
const v73 = behavioursOf('7.3.4');
const withoutFiles = behavioursOf('6.18.9', { EROFS_FS_BACKED_BY_FILE: 'n' });
const shares = behavioursOf('7.3.4', { EROFS_FS_PAGE_CACHE_SHARE: 'y' });

const CASES: readonly (readonly [title: string, Given, Behaviours, result: string])[] = [
  ['E0: device= before there was such an option', { source: BLOCK, devices: [BLOCK] }, v510, 'EINVAL E0'],
  ['E0: a blob where there is', { source: BLOCK, devices: [BLOCK], image: { extraDevices: 1 } }, v61, 'ok d0'],
  ['E0: fsoffset before 6.16', { options: { fsoffset: 0 } }, v612, 'EINVAL E0'],
  ['E0: fsoffset in 6.16', { options: { fsoffset: 0 } }, v616, 'ok d0'],
  ['E0: inode_share before 7.0', { options: { inode_share: true } }, v618, 'EINVAL E0'],
  ['E1: a file before file-backed mounts', {}, v61, 'ENOTBLK E1'],
  ['E1: a block device before file-backed mounts', { source: BLOCK }, v61, 'ok d0'],
  ['E2: a file without the CONFIG', {}, withoutFiles, 'ENOTBLK E2'],
  ['E2: a block device without the CONFIG', { source: BLOCK }, withoutFiles, 'ok d0'],
  ['E3: no source', { source: { kind: 'missing' } }, v618, 'ENOENT E3'],
  ['E3: no source, before file-backed mounts', { source: { kind: 'missing' } }, v61, 'ENOENT E3'],
  ['E4: a file of tmpfs', { source: { ...FILE, on: tmpfs } }, v618, 'ENOTBLK E4'],
  ['E4: a directory', { source: { kind: 'other', as: 'path' } }, v618, 'ENOTBLK E4'],
  ['E5: a file of tmpfs as a descriptor', { source: { kind: 'regular', on: tmpfs, as: 'fd' } }, v73, 'EINVAL E5'],
  ['E5: a file of ext4 as a descriptor', { source: { kind: 'regular', on: ext4, as: 'fd' } }, v73, 'ok d0'],
  ['E12: a blob on a file-backed erofs of depth 2', blobOn({ type: 'erofs', depth: 2 }), v618, 'ok d0'],
  ['E12: a blob on tmpfs', blobOn({ hasReadFolio: false }), v618, 'ok d0'],
  ['E13: a blob that is missing', { devices: [{ kind: 'missing' }], image: { extraDevices: 1 } }, v618, 'ENOENT E13'],
  ['E13: a block device as blob of a file', { devices: [BLOCK], image: { extraDevices: 1 } }, v618, 'EINVAL E13'],
  ['E13: a file as blob of a device, 6.12 on', { source: BLOCK, ...oneBlob(FILE) }, v618, 'EINVAL E13'],
  ['E13: a file as blob of a device, 6.1', { source: BLOCK, ...oneBlob(FILE) }, v61, 'ENOTBLK E13'],
  ['E14: a blob too many', { devices: [FILE] }, v618, 'EINVAL E14'],
  ['E14: a blob too few', { devices: [FILE], image: { extraDevices: 2 } }, v618, 'EINVAL E14'],
  ['E14: as many as on disk', { devices: [FILE, FILE], image: { extraDevices: 2 } }, v618, 'ok d0'],
  ['E15: blobs without a name, before flat devices', { source: BLOCK, image: untagged() }, v61, 'EINVAL E15'],
  ['E15: blobs without a name, all in one', { image: untagged() }, v618, 'ok d0'],
  ['E16: an offset within a block', { options: { fsoffset: 512 }, image: UNSUMMED }, v73, 'EINVAL E16'],
  ['E20: an offset within a block, the checksum behind the page', at(512), v73, 'EBADMSG E20?'],
  ['E16: an offset within a block, found by its page', at(512), v616, 'EINVAL E18'],
  ['E16: an offset of a block', at(8192), v616, 'ok d0'],
  ['E29: root of a user namespace', { by: 'user-namespace' }, v618, 'EPERM E29'],
  ['E29: before there is anything', { by: 'user-namespace', source: { kind: 'missing' } }, v73, 'EPERM E29'],
  ['E0 before E29', { by: 'user-namespace', options: { fsoffset: 0 } }, v510, 'EINVAL E0'],
  ['E18: no magic', { image: { validMagic: false } }, v618, 'EINVAL E18'],
  ['E18: an offset at which no image is', { options: { fsoffset: 4096 } }, v618, 'EINVAL E18'],
  ['E16, not E18: the page of an offset', { options: { fsoffset: 512 } }, v618, 'EINVAL E16'],
  ['E18: the offset to the byte', { options: { fsoffset: 512 } }, behavioursOf('7.2.0'), 'EINVAL E18'],
  [
    'a device that carries an erofs is not read anew',
    { source: BLOCK, shares: true, image: { validMagic: false } },
    v618,
    'ok d0',
  ],
  ['E19: blocks larger than pages', { image: { blkszbits: 13 } }, v618, 'EINVAL E19'],
  ['E19: blocks of 256 bytes', { image: { blkszbits: 8 } }, v618, 'EINVAL E19'],
  ['E19: blocks of 512 bytes', { image: { blkszbits: 9 } }, v618, 'ok d0'],
  [
    'E19: blocks of 512 bytes in 5.10',
    { source: BLOCK, image: { blkszbits: 9, checksum: 'absent' } },
    v510,
    'EINVAL E19',
  ],
  ['E20: a wrong checksum', { image: { checksum: 'invalid' } }, v618, 'EBADMSG E20'],
  ['E20: no checksum', { image: { checksum: 'absent' } }, v618, 'ok d0'],
  [
    'E20: 5.10 sums up a page, whatever the block',
    { source: BLOCK, image: { blkszbits: 9, checksumBlockBytes: 512 } },
    v510,
    'EBADMSG E20',
  ],
  ['E21: chunks in 5.10', { source: BLOCK, image: { incompat: INCOMPAT.chunkedFile } }, v510, 'EINVAL E21'],
  ['E21: chunks in 6.1', { source: BLOCK, image: { incompat: INCOMPAT.chunkedFile } }, v61, 'ok d0'],
  ['E21: metabox in 6.16', { image: { incompat: INCOMPAT.metabox } }, v616, 'EINVAL E21'],
  [
    'E22: compressed, without CONFIG_EROFS_FS_ZIP',
    compressed('lz4'),
    behavioursOf('6.18.9', { EROFS_FS_ZIP: 'n' }),
    'EOPNOTSUPP E22',
  ],
  ['E22: zstd before there was any', { source: BLOCK, ...compressed('zstd') }, v61, 'EOPNOTSUPP E22'],
  ['E22: zstd not built', compressed('zstd'), behavioursOf('6.18.9', { EROFS_FS_ZIP_ZSTD: 'n' }), 'EOPNOTSUPP E22'],
  ['E22: zstd built', compressed('zstd'), v618, 'ok d0'],
  [
    'E22: 5.10 does not look',
    { source: BLOCK, ...compressed('lz4') },
    behavioursOf('5.10.262', { EROFS_FS_ZIP: 'n' }),
    'ok d0',
  ],
  ['E23: inode_share without domain_id', { options: { inode_share: true } }, shares, 'EINVAL E23'],
  ['E23: inode_share with domain_id', { options: { inode_share: true, domain_id: 'x' } }, shares, 'ok d0'],
  [
    'E24: inode_share with dax',
    { options: { inode_share: true, domain_id: 'x', dax: 'always' } },
    shares,
    'EINVAL E24',
  ],
  [
    'E24: inode_share with dax=never',
    { options: { inode_share: true, domain_id: 'x', dax: 'never' } },
    shares,
    'ok d0',
  ],
  ['E26: an option without its CONFIG', { options: { inode_share: true } }, v73, 'ok d0'],
  [
    'E26: dax without CONFIG_FS_DAX',
    { options: { dax: 'never' } },
    behavioursOf('6.18.9', { FS_DAX: 'n' }),
    'EINVAL E26',
  ],
];

function oneBlob(device: SourceFacts): Given {
  return { devices: [device], image: { extraDevices: 1, untaggedDevices: 1 } };
}
function blobOn(superblock: Partial<Superblock>): Given {
  return oneBlob({ kind: 'regular', on: { ...ext4, ...superblock }, as: 'path' });
}
function untagged(): Partial<ImageFacts> {
  return { extraDevices: 1, untaggedDevices: 1 };
}
function at(offset: number): Given {
  return { options: { fsoffset: offset }, image: { offsetBytes: offset } };
}
function compressed(compression: ImageFacts['compression'] & string): Given {
  return { image: { compression } };
}

for (const [title, given, behaviours, result] of CASES)
  t.test(`${title}, then ${result}`, (t) => {
    t.equal(brief(given, behaviours), result);
    t.end();
  });

/** Two rules apply: the first in the kernel's code speaks. */
const ORDER: readonly (readonly [title: string, Given, Behaviours, result: string])[] = [
  ['an unknown option before the source', { options: { fsoffset: 0 }, source: { kind: 'missing' } }, v612, 'EINVAL E0'],
  [
    'a refused dax before an unknown option behind it',
    { options: { dax: 'always', fsoffset: 0 } },
    behavioursOf('6.12.117', { FS_DAX: 'n' }),
    'EINVAL E26',
  ],
  [
    'an unknown option before a refused dax behind it',
    { options: { fsoffset: 0, dax: 'always' } },
    behavioursOf('6.12.117', { FS_DAX: 'n' }),
    'EINVAL E0',
  ],
  [
    'read_folio before sharing',
    { source: { ...FILE, on: tmpfs }, options: { inode_share: true } },
    shares,
    'ENOTBLK E4',
  ],
  ['sharing before stacking', { source: stacked(), options: { inode_share: true } }, shares, 'EINVAL E23'],
  ['stacking before the superblock', { source: stacked(), image: { validMagic: false } }, v618, 'ENOTBLK E10'],
  [
    'counting before the superblock',
    { source: stacked(2), image: { validMagic: false } },
    behavioursOf('6.17.13'),
    'ENOTBLK E8',
  ],
  ['the magic before the block size', { image: { validMagic: false, blkszbits: 20 } }, v618, 'EINVAL E18'],
  ['the block size before the checksum', { image: { blkszbits: 20, checksum: 'invalid' } }, v618, 'EINVAL E19'],
  [
    'the checksum before the block size, in 5.10',
    { source: BLOCK, image: { blkszbits: 20, checksum: 'invalid' } },
    v510,
    'EBADMSG E20',
  ],
  ['the checksum before the features', { image: { checksum: 'invalid', incompat: 1 << 20 } }, v618, 'EBADMSG E20'],
  [
    'the features before the algorithm',
    { source: BLOCK, image: { incompat: 1 << 20, compression: 'zstd' } },
    v61,
    'EINVAL E21',
  ],
  ['the algorithm before the blobs', { source: BLOCK, devices: [BLOCK], ...compressed('zstd') }, v61, 'EOPNOTSUPP E22'],
  ['the number of blobs before each of them', { devices: [{ kind: 'missing' }] }, v618, 'EINVAL E14'],
  ['the blobs before the offset', { options: { fsoffset: 512 }, image: UNSUMMED, devices: [FILE] }, v73, 'EINVAL E14'],
  ['the superblock before the offset', { options: { fsoffset: 4608 } }, v616, 'EINVAL E18'],
];

function stacked(depth = 1): SourceFacts {
  return { kind: 'regular', on: { ...ext4, type: 'fuse', depth, hasBlockDevice: false }, as: 'path' };
}

for (const [title, given, behaviours, result] of ORDER)
  t.test(`order: ${title}, so ${result}`, (t) => {
    t.equal(brief(given, behaviours), result);
    t.end();
  });

const NEW = 'erofs (device 0:40): mounted with root inode @ nid 36.';
const OLD = 'erofs: (device loop0): mounted with root inode @ nid 36.';

const SAID: readonly (readonly [
  title: string,
  Given,
  Behaviours,
  lines: readonly string[],
  owed: readonly string[],
])[] = [
  ['success up to 6.12', { source: BLOCK }, v612, [OLD, NEW], [`log: ${OLD}`]],
  ['success since', {}, v616, [OLD, NEW], [`log: ${NEW}`]],
  ['success without its full stop', {}, v618, [NEW.slice(0, -1)], []],
  [
    'a bad magic up to 6.12',
    { image: { validMagic: false } },
    v612,
    [
      'erofs: (device erofs): erofs_read_superblock: cannot find valid erofs superblock',
      'erofs: (device erofs): cannot find valid erofs superblock',
    ],
    ['log: erofs: (device erofs): erofs_read_superblock: cannot find valid erofs superblock'],
  ],
  [
    'stacking, since 6.18.6',
    { source: stacked() },
    v618,
    ['erofs (device erofs): file-backed mounts cannot be applied to stacked fses'],
    ['log: erofs (device erofs): file-backed mounts cannot be applied to stacked fses'],
  ],
  [
    'a file before file-backed mounts, by mount(2)',
    {},
    v61,
    ["/fathom/0-disk/image: Can't open blockdev", "/fathom/0-disk/image: Can't lookup blockdev"],
    ["log: /fathom/0-disk/image: Can't open blockdev"],
  ],
  [
    'a file before file-backed mounts, through fsopen(2)',
    { api: 'fsopen' },
    v61,
    ["e /fathom/0-disk/image: Can't open blockdev", "/fathom/0-disk/image: Can't open blockdev"],
    ["context: e /fathom/0-disk/image: Can't open blockdev"],
  ],
  [
    'a file without the CONFIG',
    {},
    withoutFiles,
    ["/i: Can't open blockdev", "/i: Can't lookup blockdev"],
    ["log: /i: Can't lookup blockdev"],
  ],
  [
    'a missing source where it is quiet',
    { source: { kind: 'missing' } },
    v618,
    ["/i: Can't lookup blockdev", "/i: Can't open blockdev"],
    [],
  ],
  [
    'an unknown option, with its no',
    { options: { directio: false }, source: BLOCK },
    v61,
    ["erofs: Unknown parameter 'nodirectio'", "erofs: Unknown parameter 'directio'"],
    ["log: erofs: Unknown parameter 'nodirectio'"],
  ],
  [
    'an option without its CONFIG, and then a refusal',
    { options: { inode_share: true }, image: { validMagic: false } },
    v73,
    ['erofs: inode_share option not supported', 'erofs (device 0:40): cannot find valid erofs superblock'],
    ['log: erofs: inode_share option not supported', 'log: erofs (device 0:40): cannot find valid erofs superblock'],
  ],
  [
    'user_xattr without its CONFIG, through fsopen(2)',
    { options: { user_xattr: false }, api: 'fsopen' },
    behavioursOf('6.18.9', { EROFS_FS_XATTR: 'n' }),
    ['e erofs: {,no}user_xattr options not supported'],
    ['context: e erofs: {,no}user_xattr options not supported'],
  ],
  [
    'dax in 6.1',
    { options: { dax: 'always' }, source: BLOCK, api: 'fsopen' },
    v61,
    [
      'w erofs: DAX enabled. Warning: EXPERIMENTAL, use at your own risk',
      'e erofs: DAX unsupported by block device. Turning off DAX.',
    ],
    [
      'context: w erofs: DAX enabled. Warning: EXPERIMENTAL, use at your own risk',
      'context: e erofs: DAX unsupported by block device. Turning off DAX.',
    ],
  ],
  [
    'dax since 6.17',
    { options: { dax: 'always' } },
    v618,
    [
      'erofs: DAX unsupported by block device. Turning off DAX.',
      'erofs (device erofs): DAX unsupported by block device. Turning off DAX.',
    ],
    ['log: erofs (device erofs): DAX unsupported by block device. Turning off DAX.'],
  ],
  [
    'E25: an image without the attributes of sharing',
    { options: { inode_share: true, domain_id: 'x' } },
    shares,
    ['erofs (device 0:40): on-disk ishare xattrs not found. Turning off inode_share.'],
    ['log: erofs (device 0:40): on-disk ishare xattrs not found. Turning off inode_share.'],
  ],
  ['a device that carries an erofs already', { source: BLOCK, shares: true }, v618, [NEW], []],
];

for (const [title, given, behaviours, candidates, owed] of SAID)
  t.test(`messages: ${title}`, (t) => {
    t.strictSame(lines(given, behaviours, candidates), owed);
    t.end();
  });
