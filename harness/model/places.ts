/** Directories of the mount graph as the kernel finds them, and what overlays hold and leave in them. */
import { join, lookUp, type DirectoryIn, type Mount } from '../topology/topology.ts';
import type { Behaviours } from './behaviour.ts';
import type { Attempt, EarlierOverlays, InWork, Place } from './rules/overlay-facts.ts';
import { procfs, type Superblock } from './superblock.ts';

/** Of the machine's own: directories whose dentries compare in their own way. fs/proc/proc_sysctl.c */
const WEIRD = /^proc\/sys\/./;

/** Numbers superblocks, so that a directory has a key. */
export class Places {
  readonly #superblockOf: (mount: Mount) => Superblock;
  readonly #behaviours: Behaviours;
  readonly #numbers = new Map<Superblock, number>();
  readonly #procfs: Superblock;
  readonly #lost = new Set<Superblock>();

  constructor(superblockOf: (mount: Mount) => Superblock, behaviours: Behaviours) {
    this.#procfs = procfs(behaviours.maxStackDepth);
    this.#behaviours = behaviours;
    this.#superblockOf = superblockOf;
  }

  placeOf(directory: DirectoryIn): Place {
    const { on } = directory;
    const inner = innermost(directory);
    const superblock = isInProc(inner) ? this.#procfs : this.#superblockOf(on);
    return {
      directory,
      found: foundAs(directory, inner),
      superblock,
      key: `${this.#numberOf(superblock)}:${whole(inner.path)}`,
      readOnly: superblock.readOnly || (on.kind === 'bind' && on.readOnly),
      unbindable: on.kind === 'bind' && on.unbindable,
      hasUnseenError: this.#lost.has(superblock),
      casefolded: directory.made === 'casefolded',
      weird: (inner.on.kind === 'machine' && WEIRD.test(inner.path)) || this.#comparesNames(inner, superblock),
    };
  }

  /** Where any directory may fold case, all but the root compare names in their own way. fs/libfs.c:generic_ci_d_compare */
  #comparesNames({ path }: DirectoryIn, { encoding }: Superblock): boolean {
    return encoding !== undefined && path !== '' && this.#behaviours.overlayCasefold === 'by-dentry';
  }

  /** What was written to it is lost from here on, and nobody sees that. */
  losesWrites(superblock: Superblock): void {
    this.#lost.add(superblock);
  }

  #numberOf(superblock: Superblock): number {
    const number = this.#numbers.get(superblock) ?? this.#numbers.size;
    this.#numbers.set(superblock, number);
    return number;
  }
}

/** From the root, with a slash at both ends, and one between names. */
function whole(path: string): string {
  if (path === '') return '/';
  return path.startsWith('/') || path.endsWith('/') || path.includes('//')
    ? ['', ...path.split('/').filter((part) => part !== ''), ''].join('/')
    : `/${path}/`;
}

/** The same directory below all bind mounts. */
function innermost({ on, path }: DirectoryIn): DirectoryIn {
  return on.kind === 'bind' ? innermost({ on: on.of.on, path: join(on.of.path, path) }) : { on, path };
}

function isInProc({ on, path }: DirectoryIn): boolean {
  return on.kind === 'machine' && `${path}/`.startsWith('proc/');
}

function foundAs({ made }: DirectoryIn, { on, path }: DirectoryIn): Place['found'] {
  if (made !== undefined || path === '' || isInProc({ on, path })) return 'directory';
  const node = lookUp(on, path);
  if (node === undefined) return 'nothing';
  return node.kind === 'directory' ? 'directory' : 'file';
}

/** What overlays hold while they are mounted, and leave behind. */
export class Overlays implements EarlierOverlays {
  /** The key of an upperdir or workdir → the overlay that locks it. A second overlay on it locks nothing. */
  readonly #locks = new Map<string, Mount>();
  readonly #origins = new Map<string, string>();
  readonly #inWork = new Map<string, Set<InWork>>();

  isInUse = (key: string): boolean => this.#locks.has(key);
  originOf = (upper: string): string | undefined => this.#origins.get(upper);
  isVolatile = (work: string): boolean => this.holds(work, 'work/incompat/volatile');

  holds(work: string, what: InWork): boolean {
    return this.#inWork.get(work)?.has(what) ?? false;
  }

  /** What an attempt has left, refused or not. */
  remember(overlay: Mount, { upper, work, lowers, inWork, origin }: Attempt, isMounted: boolean): void {
    if (work !== undefined && inWork.size > 0)
      this.#inWork.set(work.key, new Set([...(this.#inWork.get(work.key) ?? []), ...inWork]));
    if (origin !== undefined && upper !== undefined && lowers[0] !== undefined)
      this.#origins.set(upper.key, lowers[0].key);
    if (!isMounted) return;
    for (const place of [upper, work])
      if (place !== undefined && !this.#locks.has(place.key)) this.#locks.set(place.key, overlay);
  }

  unmounted(overlay: Mount): void {
    for (const [key, by] of this.#locks) if (by === overlay) this.#locks.delete(key);
  }
}
