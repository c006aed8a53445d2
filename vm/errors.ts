/**
 * The three ways in which a run can fail to say anything, kept apart so that none is mistaken for another.
 * What the kernel itself refuses is never an error: it is an observation.
 */

/** The user asked for something that does not exist or cannot be meant. Exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Something that this run needs is not there: a program, a kernel option, a feature of the installed mkfs.erofs.
 * Exit status 125.
 */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
  /** What is missing, in a few words: `CONFIG_EROFS_FS_BACKED_BY_FILE`, `mkfs.erofs with zstd`. */
  readonly missing: string;
  /** What the user can do about it: a line to run, a config fragment. */
  readonly remedy: string | undefined;

  constructor(missing: string, options: { message?: string; remedy?: string; cause?: unknown } = {}) {
    super(options.message ?? `missing: ${missing}`, { cause: options.cause });
    this.missing = missing;
    this.remedy = options.remedy;
  }
}

/** fathom, QEMU or the host failed: nothing can be said of the kernel. Exit status 125. */
export class HarnessError extends Error {
  override readonly name = 'HarnessError';
}
