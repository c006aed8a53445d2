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
  /** Where overlayfs takes its options apart: in fill_super with pr_err, or in the mount context (rule CH6). */
  readonly overlayOptions: 'fill-super' | 'context';
  /** `lowerdir=a::b`, 6.5 on. */
  readonly dataOnlyLowers: boolean;
  /** Rule O22: data-only lowers only with metacopy=on. */
  readonly dataOnlyNeedsMetacopy: boolean;
  /** Prefix of erofs messages: with or without the function's name (rule CH4). */
  readonly erofsMessages: 'with-function' | 'plain';
  /** How a source that is no block device is named: rules E1 and E2. */
  readonly blockDeviceMessage: "Can't open blockdev" | "Can't lookup blockdev";
  /** Options that erofs's parameter table knows. */
  readonly erofsOptions: ReadonlySet<string>;
  /** CONFIG_… without the prefix that decide about erofs options and images. */
  readonly erofsConfig: { readonly zip: boolean; readonly xattr: boolean; readonly acl: boolean; readonly dax: boolean };
  /** FUSE passthrough, 6.9 on with CONFIG_FUSE_PASSTHROUGH (rules D7 to D9). */
  readonly fusePassthrough: boolean;
  /** Rule L4: the loop driver looks for read_iter and write_iter. */
  readonly loopChecksIterators: boolean;
  /** PAGE_SIZE in bytes: bounds the block size of an image (rule E19). */
  readonly pageBytes: number;
  /** Rule E19: 5.10 takes only images whose blocks are pages. */
  readonly erofsBlocks: 'page-sized' | 'up-to-page-size';
}
