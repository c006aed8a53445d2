/** The loop devices of a scenario, by their numbers: what is attached where, and what they lead to. */
import { lookUpFile, type FileSource, type LoopDevice, type Mount } from '../topology/topology.ts';
import type { Behaviours } from './behaviour.ts';
import { attachLoop, type Attached, type LoopBacking } from './rules/loop.ts';
import { isRefusal, type Refusal } from './rules/rule.ts';
import type { Superblock } from './superblock.ts';

export class Loops {
  readonly #behaviours: Behaviours;
  readonly #superblockOf: (mount: Mount) => Superblock;
  /** By number: what is bound there. LOOP_CTL_GET_FREE gives the lowest that is not. drivers/block/loop.c */
  readonly #bound: (LoopDevice | undefined)[] = [];
  /** The number that a device has or, unbound again, had. */
  readonly #numbers = new Map<LoopDevice, number>();

  constructor(behaviours: Behaviours, superblockOf: (mount: Mount) => Superblock) {
    this.#behaviours = behaviours;
    this.#superblockOf = superblockOf;
  }

  /** Attaches a device, with those that it stands on; what is attached already stays as it is. */
  attach(loop: LoopDevice): Refusal | Attached {
    const { backing } = loop;
    if (backing.kind === 'loop' && !this.#numbers.has(backing)) {
      const below = this.attach(backing);
      if (isRefusal(below)) return below;
    }
    const number = this.#free();
    const answer = attachLoop(
      { backing: this.#backing(backing), device: nameOf(number), readOnly: true, directIo: loop.directIo },
      this.#behaviours,
    );
    if (isRefusal(answer)) return answer;
    this.#bound[number] = loop;
    this.#numbers.set(loop, number);
    return answer;
  }

  isAttached(loop: LoopDevice): boolean {
    const number = this.#numbers.get(loop);
    return number !== undefined && this.#bound[number] === loop;
  }

  detach(loop: LoopDevice): void {
    const number = this.#numbers.get(loop);
    if (number !== undefined) this.#bound[number] = undefined;
  }

  #free(): number {
    const number = this.#bound.indexOf(undefined);
    return number === -1 ? this.#bound.length : number;
  }

  #backing(backing: LoopDevice['backing']): LoopBacking {
    if (backing.kind === 'loop') return { kind: 'loop', chain: this.#chain(backing) };
    const found = lookUpFile(backing);
    if (found === undefined) return { kind: 'missing' };
    if (found.kind === 'directory') return { kind: 'directory' };
    if (found.kind === 'symlink' && found.target.startsWith('/dev/')) return { kind: 'character' };
    return {
      kind: 'regular',
      on: this.#superblockOf(backing.on),
      hasReadIter: true,
      hasWriteIter: true,
      hasDirectIo: this.#hasDirectIo(backing),
      onLoop: backing.on.kind === 'erofs' && backing.on.source.kind === 'loop',
    };
  }

  /** Down to the first that is unbound, or on a file. */
  #chain(device: LoopDevice): readonly { readonly device: string; readonly bound: boolean }[] {
    const number = this.#numbers.get(device)!;
    const bound = this.#bound[number];
    const link = { device: nameOf(number), bound: bound !== undefined };
    return bound?.backing.kind === 'loop' ? [link, ...this.#chain(bound.backing)] : [link];
  }

  /** FMODE_CAN_ODIRECT, before 6.0 a_ops->direct_IO: xfs_file.c, ext4/file.c, shmem.c, erofs/fileio.c (has none). */
  #hasDirectIo({ on }: FileSource): boolean | undefined {
    switch (on.kind) {
      case 'disk':
        return on.disk.filesystem === 'xfs' || on.disk.filesystem === 'ext4' ? true : undefined;
      case 'tmpfs':
        return this.#behaviours.tmpfsDirectIo;
      case 'erofs':
        return on.source.kind === 'loop' ? undefined : false;
      default:
        return undefined;
    }
  }
}

function nameOf(number: number): string {
  return `loop${number}`;
}
