/** The words of the notation, for the printer and the parser alike. */
import type { Compression } from '../../vm/machine.ts';
import type { ErofsOptions, OverlayOptions } from './topology.ts';

export const BACKINGS = ['xfs', 'ext4', 'btrfs'] as const;
export const MOUNTS = ['ovl', 'erofs', ...BACKINGS, 'tmpfs', 'fuse', 'ecryptfs'] as const;
export const EROFS_FORMS = ['file', 'loop', 'disk', 'verity'] as const;
export const COMPRESSIONS = ['lz4', 'lz4hc', 'lzma', 'deflate', 'zstd'] as const satisfies readonly Compression[];

/** The loop device's direct I/O where the image is on one; for an image in a file the mount option of that name. */
export const DIRECT_IO = 'directio';

/** Each option of a mount as it is written, and what it stands for. A bare word is `on`. */
export type Vocabulary<Options> = ReadonlyMap<string, Options>;

export const OVERLAY_WORDS: Vocabulary<OverlayOptions> = vocabulary<OverlayOptions>({
  metacopy: ['on', 'off'],
  redirect_dir: ['on', 'off', 'follow', 'nofollow'],
  index: ['on', 'off'],
  nfs_export: ['on', 'off'],
  xino: ['on', 'off', 'auto'],
  userxattr: [true],
  volatile: [true],
});

/** What a mount of an image made for a topology can be given; a scenario's `fsoffset` and domains are not among it. */
export type NotedErofsOptions = Omit<ErofsOptions, 'fsoffset' | 'domain_id' | 'inode_share' | 'unheard_of'>;

export const EROFS_WORDS: Vocabulary<NotedErofsOptions> = vocabulary<NotedErofsOptions>({
  [DIRECT_IO]: [true, false],
  dax: ['always', 'never'],
  user_xattr: [true, false],
  acl: [true, false],
  cache_strategy: ['disabled', 'readahead', 'readaround'],
});

/** The options of a mount as they are written, in the order of the vocabulary; what it does not know is left out. */
export function wordsOf<Options extends object>(
  options: Options,
  words: Vocabulary<Partial<Options>>,
): readonly string[] {
  const given = Object.entries(options);
  return [...words]
    .filter(([, meaning]) =>
      Object.entries(meaning).every(([key, value]) => given.some((entry) => entry[0] === key && entry[1] === value)),
    )
    .map(([word]) => word);
}

function vocabulary<Options extends object>(values: {
  readonly [Key in keyof Options]-?: readonly NonNullable<Options[Key]>[];
}): Vocabulary<Options> {
  const words = new Map<string, Options>();
  for (const [key, each] of Object.entries<readonly unknown[]>(values))
    for (const value of each) words.set(wordFor(key, value), { [key]: value } as Options);
  return words;
}

function wordFor(key: string, value: unknown): string {
  if (value === false) return `no${key}`;
  return value === true || value === 'on' ? key : `${key}=${String(value)}`;
}
