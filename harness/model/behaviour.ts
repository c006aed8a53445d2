/**
 * The ways in which kernels differ, each a named value. Rules read these and never a version: distributions backport.
 */
export interface Behaviours {
  /**
   * What erofs does with the file under a file-backed mount (facts: section 2, states N, A, B, C, D).
   * `no-file-backed`: there is no such mode. `unchecked`: anything goes, depth 0. `counted`: a layer like an overlay.
   * `no-erofs-backing`: refused on any erofs or any stacked filesystem. `no-stacked-backing`: refused on file-backed
   * erofs and on any stacked filesystem, depth 0.
   */
  readonly erofsStacking: 'no-file-backed' | 'unchecked' | 'counted' | 'no-erofs-backing' | 'no-stacked-backing';
  /** CONFIG_EROFS_FS_BACKED_BY_FILE; without it (or in `no-file-backed`) only block devices will do. */
  readonly fileBacked: boolean;
  /** FILESYSTEM_MAX_STACK_DEPTH, include/linux/fs.h (rule D0). */
  readonly maxStackDepth: number;
  /** PAGE_SIZE in bytes: bounds the block size of an image (rule E19). */
  readonly pageBytes: number;

  /** Prefix of erofs messages: with or without the function's name (rule CH4). */
  readonly erofsMessages: 'with-function' | 'plain';
  /** How a source that is no block device is named: rules E1 and E2. */
  readonly blockDeviceMessage: "Can't open blockdev" | "Can't lookup blockdev";
  /** Options that erofs's parameter table knows. */
  readonly erofsOptions: ReadonlySet<string>;
  /** Options that this kernel takes and, for want of their CONFIG, leaves without effect but for a line (rule E26). */
  readonly erofsIneffectiveOptions: ReadonlySet<string>;
  /** CONFIG_FS_DAX: without it a `dax` option is refused (rule E26, its exception). */
  readonly dax: boolean;
  /** `dax` prints a warning of its own while options are parsed (6.1). */
  readonly daxWarns: boolean;
  /** How a mount says that its device has no DAX: an error through the context, or a note in the log (6.16.12 on). */
  readonly daxFallback: 'error' | 'note';
  /** Bits of feature_incompat that it mounts: EROFS_ALL_FEATURE_INCOMPAT (rule E21). */
  readonly erofsIncompat: number;
  /** Compression algorithms that it reads (rule E22). */
  readonly erofsAlgorithms: ReadonlySet<ErofsAlgorithm>;
  /** Whether a mount looks at the image's algorithms; 5.10 finds out when it reads (rule E22). */
  readonly erofsChecksAlgorithms: boolean;
  /** Rule E19: 5.10 takes only images whose blocks are pages, and looks at the checksum first. */
  readonly erofsBlocks: 'page-sized' | 'up-to-page-size';
  /** Rules I1, I2: dirblkbits and sb_extslots are looked at. */
  readonly erofsChecksSuperblock: boolean;
  /** Rule E31: compressed files in blocks smaller than a page (6.8 on). */
  readonly erofsSubpageCompression: boolean;
  /** Rule E32: lz4 without zero padding, as mkfs.erofs wrote it for kernels before 5.3. */
  readonly erofsLegacyLz4: 'read' | 'fails';
  /** Rule I8: what read(2) has of clusters that do not decompress. */
  readonly erofsDecompressErrno: 'EIO' | 'EUCLEAN';
  /** Rule I9: what a file-backed mount makes of a read that gives fewer bytes than it asked for. */
  readonly erofsShortReads: 'believed' | 'EIO';
  /** Rule R1: plain files on a device can be read directly (5.15 on). inode.c:erofs_fill_inode, data.c:erofs_file_read_iter */
  readonly erofsDirectIo: boolean;
  /** Rule I3: whether a volume's name has to be ended. */
  readonly erofsVolumeName: 'ended' | 'any';
  /** Rule E15: an image with blob devices mounts without `device=`, all in one file or device (6.4 on). */
  readonly erofsFlatDevices: boolean;
  /** Whether `fsoffset` counts to the byte, or a superblock is looked for at the page in which it lies (rule E18). */
  readonly erofsOffset: 'page' | 'exact';
  /** Rule E13: the errno for a blob of a block-device mount that is no block device. */
  readonly erofsBlobErrno: 'ENOTBLK' | 'EINVAL';

  /** Where overlayfs takes its options apart: in fill_super with pr_err, or in the mount context (rule CH6). */
  readonly overlayOptions: 'fill-super' | 'context';
  /** What CONFIG_OVERLAY_FS_… make of options that a mount leaves out. */
  readonly overlayDefaults: OverlayDefaults;
  /** Rules O4 and O6: the errno for no workdir, for too many lowers; 5.10 leaves that of the allocation before it. */
  readonly overlayEarlyErrno: 'ENOMEM' | 'EINVAL';
  /** Options that overlayfs knows (rule O40). */
  readonly overlayOptionNames: ReadonlySet<string>;
  /** Rule O42: a layer may be a descriptor (FSCONFIG_SET_FD). */
  readonly overlayLayerDescriptors: boolean;
  /** Rule O19: a backslash at the end of `lowerdir=`. */
  readonly overlayTrailingBackslash: 'ignored' | 'refused';
  /** Rule O10: whose being read-only counts. */
  readonly overlayReadOnlyUpper: 'superblock' | 'mount';
  /**
   * Rules O14 and O15, layers that fold case. `by-dentry`: no more than rule O13 asks. `capable-refused`: no layer on a
   * filesystem that could. `directory-refused`: no such directory. `consistent`: all layers or none.
   */
  readonly overlayCasefold: 'by-dentry' | 'capable-refused' | 'directory-refused' | 'consistent';
  /** Rule O23: `verity=` is a kind of metacopy, or stands alone. */
  readonly overlayVerity: 'needs-metacopy' | 'independent';
  /** Rule O27 */
  readonly overlayAsksForTrust: boolean;
  /** Rule O28: how what falls with extended attributes is told: at once, in two lines, or one by one. */
  readonly overlayXattrFallback: 'at-once' | 'joint' | 'each';
  /** Rule O39: what falls, and the words for it. */
  readonly overlayUuidWarning: 'index' | 'detected' | 'non-single';
  /** Rule O35: a line more, which names the origin. */
  readonly overlayNamesOrigin: boolean;
  /** Rule O43: FS_USERNS_MOUNT. */
  readonly overlayInUserNamespace: boolean;
  /**
   * Rule O44, a context of another user namespace. `taken`: the superblock is that of who creates it. `warned`: EIO, and
   * a WARNING with a stack trace, which whoever may open a context can bring about.
   */
  readonly overlayForeignContext: 'taken' | 'warned' | 'EIO' | 'EINVAL';
  /** tmpfs with `casefold`: 6.13 on, with CONFIG_UNICODE (rules O14, O15). */
  readonly tmpfsCasefold: boolean;
  /** ext4 made with `-O casefold` mounts: with CONFIG_UNICODE (rule B3). */
  readonly ext4Casefold: boolean;
  /** ramfs has O_TMPFILE: not in 5.10, in 6.1 (rule O28). */
  readonly ramfsTmpfile: boolean;
  /** tmpfs has user attributes (6.6 on). */
  readonly tmpfsUserXattrs: boolean;
  /** `lowerdir=a::b`, 6.5 on. */
  readonly dataOnlyLowers: boolean;
  /** Rule O22: data-only lowers only with metacopy=on. */
  readonly dataOnlyNeedsMetacopy: boolean;
  /**
   * Rule T9: a new directory in a merged one is made opaque at once, or only where the options in use forbid that the
   * lowers change while nothing is mounted.
   */
  readonly overlayOpaqueNewDirs: 'always' | 'unless-offline-changes';
  /** Rules T4, T5: whether what may not be followed is refused once it was found below, or before it is looked for. */
  readonly overlayFollowCheck: 'after-layer' | 'before-layer';
  /** Rule T2: whiteouts that are empty files with the attribute overlay.whiteout, 6.7 on. */
  readonly overlayXattrWhiteouts: boolean;
  /** Rule T16: trusted.overlay.overlay.NAME, so that an overlay can lie on an overlay's upper, 6.7 on. */
  readonly overlayXattrEscapes: boolean;
  /** Rule T7: `uuid=auto`: the upper of a new overlay gets the attribute uuid, 6.6 on. */
  readonly overlayUuid: boolean;
  /** Rule T17: inodes of erofs have file handles, so that a copy-up is known to be one. */
  readonly erofsFileHandles: boolean;

  /** FUSE passthrough, 6.9 on with CONFIG_FUSE_PASSTHROUGH (rules D7 to D9). */
  readonly fusePassthrough: boolean;
  /** What FUSE_DEV_IOC_BACKING_OPEN gives without it: no such ioctl, or one of a kernel configured without. */
  readonly fuseNoPassthroughErrno: 'ENOTTY' | 'EOPNOTSUPP';
  /** Rule L4: the loop driver looks for read_iter and write_iter. */
  readonly loopChecksIterators: boolean;
  /** Files of tmpfs can be read directly (6.6 on; rule L6). mm/shmem.c:shmem_file_open */
  readonly tmpfsDirectIo: boolean;
  /** XFS with timestamps beyond 2038, which fathom's disks have: 5.10 warns that they are experimental (rule B1). */
  readonly xfsBigTimestamps: 'experimental' | 'stable';
}

export type ErofsAlgorithm = 'lz4' | 'lzma' | 'deflate' | 'zstd';

export interface OverlayDefaults {
  readonly redirectDir: boolean;
  /** CONFIG_OVERLAY_FS_REDIRECT_ALWAYS_FOLLOW: `redirect_dir=off` still follows. */
  readonly alwaysFollow: boolean;
  readonly index: boolean;
  readonly nfsExport: boolean;
  readonly xinoAuto: boolean;
  readonly metacopy: boolean;
}
