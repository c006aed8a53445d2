/** What a listing of a tree must show: the agent's operation `tree`, told before the kernel is asked. */
import type { Contents, ExpectedMessage } from '../prediction.ts';
import type { RuleId } from '../rules/rule.ts';
import {
  attributesOf,
  contentsOf,
  fileSizeOf,
  lookup,
  namesOf,
  unreadableNames,
  xattrNamesOf,
  xattrOf,
} from './entry.ts';
import { isFailure, type Failure } from './failure.ts';
import { identityOf, type Identity } from './identity.ts';
import { isWhiteoutDevice, type NodeType } from './inode.ts';
import type { Entry } from './overlay.ts';

export type ExpectedEntry = ShownEntry | LostEntry;

/** Fields that are undefined are the filesystem's or the clock's to decide: they are not compared. */
export interface ShownEntry extends Identity {
  readonly kind: 'shown';
  /** Relative to the root of the listing; the root itself is `.`. */
  readonly path: string;
  readonly type: NodeType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number | undefined;
  readonly nlink: number | undefined;
  readonly mtimeNs: string | undefined;
  /** MAJOR:MINOR; of device nodes, and only of them. */
  readonly rdev: string | undefined;
  /** Of symbolic links, and only of them. */
  readonly target: string | undefined;
  /** Of files; undefined where their bytes are not known. */
  readonly contents: Contents | undefined;
  /** Its bytes, or its names, cannot be read, and what the kernel says of it. */
  readonly unreadable: Failure | undefined;
  /** An attribute that is not among them must not be there. */
  readonly xattrs: ReadonlyMap<string, ExpectedXattr>;
}

/** A name that readdir(3) gives and stat(2) refuses. */
export interface LostEntry {
  readonly kind: 'lost';
  readonly path: string;
  readonly errno: string;
  readonly rule: RuleId;
  readonly messages: readonly ExpectedMessage[];
  readonly why: string;
}

export interface ExpectedXattr {
  readonly presence: 'required' | 'possible';
  /** Undefined: any value. */
  readonly hex: string | undefined;
}

/** An entry and all below it: a directory before its entries, names in byte order. */
export function listingOf(root: Entry, possible: (entry: Entry) => ReadonlySet<string> | undefined): ExpectedEntry[] {
  const listed: ExpectedEntry[] = [];
  const visit = (path: string, entry: Entry) => {
    const shown = shownEntry(path, entry, possible(entry));
    listed.push(shown);
    if (shown.type !== 'directory' || shown.unreadable !== undefined) return;
    for (const name of [...namesOf(entry)].sort(byBytes)) {
      const below = path === '.' ? name : `${path}/${name}`;
      const found = lookup(entry, name);
      if (found.kind === 'failure' || found.kind === 'negative') listed.push(lostEntry(below, found));
      else visit(below, found);
    }
  };
  visit('.', root);
  return listed;
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function shownEntry(path: string, entry: Entry, possible: ReadonlySet<string> = new Set()): ShownEntry {
  const { type, mode, uid, gid, nlink, mtimeNs, target, rdev } = attributesOf(entry);
  const contents = type === 'file' ? contentsOf(entry) : undefined;
  const unreadable = isFailure(contents) ? contents : type === 'directory' ? unreadableNames(entry) : undefined;
  // One whiteout serves for many names, and one more that is kept in the workdir.
  const isWhiteout = isWhiteoutDevice({ type, rdev });
  return {
    kind: 'shown',
    path,
    type,
    mode,
    uid,
    gid,
    sizeBytes: sizeOf(entry, type, target),
    nlink: isWhiteout ? undefined : nlink,
    mtimeNs,
    rdev: rdev === undefined ? undefined : `${rdev.major}:${rdev.minor}`,
    target,
    contents: isFailure(contents) ? undefined : contents,
    unreadable,
    xattrs: new Map(xattrNamesOf(entry).map((name) => [name, expectedXattr(entry, name, possible)])),
    ...(isWhiteout ? { device: identityOf(entry).device, inode: undefined } : identityOf(entry)),
  };
}

function sizeOf(entry: Entry, type: NodeType, target: string | undefined): number | undefined {
  if (type === 'file') return fileSizeOf(entry);
  if (type === 'symlink') return Buffer.byteLength(target ?? '');
  return type === 'directory' ? undefined : 0;
}

function expectedXattr(entry: Entry, name: string, possible: ReadonlySet<string>): ExpectedXattr {
  return { presence: possible.has(name) ? 'possible' : 'required', hex: xattrOf(entry, name) ?? undefined };
}

/** A whiteout that is an attribute, in a directory that does not say that there are any. */
function lostEntry(path: string, found: Failure | { readonly kind: 'negative' }): LostEntry {
  if (isFailure(found)) return { ...found, kind: 'lost', path };
  const why = 'readdir does not look for its attribute whiteout';
  return { kind: 'lost', path, errno: 'ENOENT', rule: 'T2', messages: [], why };
}
