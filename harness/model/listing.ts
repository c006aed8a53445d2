/** What a listing of a mounted tree must show, entry by entry. */
import type { Contents } from './prediction.ts';

export type EntryType = 'file' | 'directory' | 'symlink' | 'character' | 'block' | 'fifo' | 'socket';

/** Entries parents first, names in byte order, as the agent lists them. */
export type ExpectedListing = readonly ExpectedEntry[];

export interface ExpectedEntry {
  /** Relative to the directory that is listed; that itself is `.`. */
  readonly path: string;
  readonly type: EntryType;
  /** Permission bits, with set-uid, set-gid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Undefined where the filesystem counts in its own way (directories), or the model knows no bytes (images). */
  readonly sizeBytes: number | undefined;
  /** Undefined where the filesystem counts in its own way. */
  readonly nlink: number | undefined;
  /** Nanoseconds since 1970, in decimal; undefined where only the clock or the image's builder knows. */
  readonly mtimeNs: string | undefined;
  /** Of symbolic links. */
  readonly target: string | undefined;
  /** Of device nodes, MAJOR:MINOR. */
  readonly rdev: string | undefined;
  /** Of files; undefined where the model knows no bytes (images). */
  readonly contents: Contents | undefined;
  /** All of them. Values in hexadecimal; null for one that only the kernel knows (a file handle, say). */
  readonly xattrs: ReadonlyMap<string, string | null>;
  /** Of `xattrs`, those that may as well be absent. */
  readonly possibleXattrs?: ReadonlySet<string> | undefined;
  /**
   * A name for st_dev and one for st_ino: the same name is the same number in every listing of a run, and two names of
   * one listing are two numbers (of inodes: on one device). Undefined where nothing is said of it.
   */
  readonly device: string | undefined;
  readonly inode: string | undefined;
  /** It cannot be read in full, and this is why; of contents, targets and attributes nothing is asked then. */
  readonly errno?: string | undefined;
}
