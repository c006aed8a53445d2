/** A listing against what the model says of it: entry by entry, field by field. */
import type { ExpectedListing } from '../model/prediction.ts';
import type { ExpectedEntry, LostEntry, ShownEntry } from '../model/tree/trees.ts';
import type { TreeEntry } from '../../vm/machine.ts';
import type { Digest } from './judge.ts';

/** Differences that are told one by one; the rest is counted. */
const TOLD = 3;

/** What st_dev and st_ino turned out to be in the listings of a run so far, by the model's names for them. */
export interface Identities {
  readonly devices: Map<string, string>;
  readonly inodes: Map<string, string>;
}

export function noIdentities(): Identities {
  return { devices: new Map(), inodes: new Map() };
}

/** Undefined where they agree; else which path differs in which field, what was expected and what is there. */
export function listingFault(
  { entries, besides }: ExpectedListing,
  listed: readonly TreeEntry[],
  digest: Digest,
  identities: Identities,
): string | undefined {
  const observed = listed.filter(({ path }) => besides === undefined || !isWithin(path, besides));
  const faults = [...differences(entries, observed, digest), ...identityFaults(entries, observed, identities)];
  if (faults.length === 0) return undefined;
  const more = faults.length > TOLD ? `; and ${faults.length - TOLD} more` : '';
  return `${faults.slice(0, TOLD).join('; ')}${more}`;
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

function differences(expected: readonly ExpectedEntry[], observed: readonly TreeEntry[], digest: Digest): string[] {
  const seen = byPath(observed);
  const known = new Set(expected.map(({ path }) => path));
  return [
    ...observed.flatMap(({ path, type }) => (known.has(path) ? [] : [`${path}: a ${type} that was not to be there`])),
    ...expected.flatMap((entry) => {
      const there = seen.get(entry.path);
      if (entry.kind === 'lost') return lostFaults(entry, there);
      return there === undefined
        ? [`${entry.path}: the ${entry.type} is not there`]
        : entryFaults(entry, there, digest);
    }),
  ];
}

function byPath(observed: readonly TreeEntry[]): ReadonlyMap<string, TreeEntry> {
  return new Map(observed.map((entry) => [entry.path, entry]));
}

/** A name that is listed, and of which nothing more can be had. */
function lostFaults({ path, errno }: LostEntry, observed: TreeEntry | undefined): string[] {
  if (observed === undefined) return [`${path}: it is not there, not even as a name`];
  return observed.errno === errno ? [] : [`${path}: looking it up gave ${observed.errno ?? 'no error'}, not ${errno}`];
}

function entryFaults(expected: ShownEntry, observed: TreeEntry, digest: Digest): string[] {
  const { path, unreadable } = expected;
  if (expected.type !== observed.type) return [`${path}: a ${observed.type}, not a ${expected.type}`];
  const faults: string[] = [];
  const ask = <T>(field: string, wanted: T | undefined, found: T | undefined, show: (value: T) => string = String) => {
    if (wanted !== undefined && wanted !== found)
      faults.push(`${path}: ${field} is ${found === undefined ? 'not there' : show(found)}, not ${show(wanted)}`);
  };
  if (unreadable?.errno !== observed.errno)
    faults.push(
      `${path}: reading it gave ${observed.errno ?? 'no error'}, not ${unreadable?.errno ?? 'what it holds'}`,
    );
  ask('mode', expected.mode, observed.mode, octal);
  ask('uid', expected.uid, observed.uid);
  ask('gid', expected.gid, observed.gid);
  ask('size', expected.sizeBytes, observed.sizeBytes, (size) => `${size} bytes`);
  ask('nlink', expected.nlink, observed.nlink);
  ask('mtime', expected.mtimeNs, observed.mtimeNs, (time) => `${time} ns`);
  ask('rdev', expected.rdev, observed.rdev);
  if (unreadable !== undefined || observed.errno !== undefined) return [...faults, ...xattrFaults(expected, observed)];
  ask('target', expected.target, observed.target, quoted);
  if (expected.contents !== undefined) ask('sha256', digest(expected.contents), observed.sha256);
  return [...faults, ...xattrFaults(expected, observed)];
}

function xattrFaults({ path, xattrs }: ShownEntry, observed: TreeEntry): string[] {
  const found = new Map(Object.entries(observed.xattrs));
  const faults = [...found.keys()]
    .filter((name) => !xattrs.has(name))
    .map((name) => `${path}: the attribute ${name} (${valueOf(found.get(name)!)}) was not to be there`);
  for (const [name, { presence, hex }] of xattrs) {
    const there = found.get(name);
    if (there === undefined) {
      if (presence === 'required') faults.push(`${path}: the attribute ${name} is not there`);
    } else if (hex !== undefined && there !== hex)
      faults.push(`${path}: the attribute ${name} is ${valueOf(there)}, not ${valueOf(hex)}`);
  }
  return faults;
}

/** One name is one number from one listing to the next; two names are two numbers while both are there. */
function identityFaults(
  expected: readonly ExpectedEntry[],
  observed: readonly TreeEntry[],
  { devices, inodes }: Identities,
): string[] {
  const seen = byPath(observed);
  const faults: string[] = [];
  const owners = new Map<string, string>();
  const check = (
    path: string,
    field: string,
    name: string,
    number: string,
    known: Map<string, string>,
    key: string,
  ) => {
    const before = known.get(name) ?? number;
    if (before !== number) faults.push(`${path}: ${field} is ${number}, and it was to stay ${before}`);
    known.set(name, before);
    const owner = owners.get(key) ?? name;
    if (owner !== name) faults.push(`${path}: ${field} is ${number}, that of ${owner}, and it was to be ${name}'s own`);
    owners.set(key, owner);
  };
  for (const entry of expected) {
    const there = seen.get(entry.path);
    if (entry.kind === 'lost' || there === undefined) continue;
    const { path, device, inode } = entry;
    if (device !== undefined) check(path, 'st_dev', device, there.device, devices, there.device);
    if (inode !== undefined) check(path, 'st_ino', inode, there.inode, inodes, `${there.device} ${there.inode}`);
  }
  return faults;
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function valueOf(hex: string): string {
  const shown = hex.length > 64 ? `${hex.slice(0, 64)}…` : hex;
  return shown === '' ? 'empty' : `0x${shown}`;
}
