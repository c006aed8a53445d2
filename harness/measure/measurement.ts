/** What is measured, and what came of it. */
import type { DiskDevice } from '../../vm/machine.ts';
import type { Mount } from '../topology/topology.ts';
import type { MeasuredOperation } from './operation.ts';
import type { Pressure } from './pressure.ts';

/** One figure to be had: an operation on a mount, under a pressure, from clones of one kernel. */
export interface Subject {
  /** Kernel spec, as given. */
  readonly kernel: string;
  /** In the notation of docs/topology.md. */
  readonly topology: string;
  readonly mount: Mount;
  readonly operation: MeasuredOperation;
  readonly pressure: Pressure;
  /** Whether nothing of the mounts was read before the operation, or all of it was, by doing it once. */
  readonly cache: 'cold' | 'warm';
  readonly device: DiskDevice;
}

/** One clone's answer. */
export interface Sample {
  /** The text of tracefs `stack_trace`. */
  readonly table: string;
  /** The tracer's stack_max_size, in bytes. */
  readonly maxSizeBytes: number;
  /** Operations done, over all processes. */
  readonly performed: number;
  /** Counters of /proc/vmstat and of the memory cgroup: how much they rose while the operation ran. */
  readonly counters: Readonly<Record<string, number>>;
  /** What the kernel said at warning level or above while it was prepared and done. */
  readonly warnings: readonly string[];
  /** Clone, mounts, operation and table together, in ms. */
  readonly durationMs: number;
}

export type Failure =
  /** The kernel refuses a mount of the topology, and the model says that it does. */
  | { readonly kind: 'refused'; readonly why: string }
  /** It refuses what the model says it takes, or takes what it should refuse. */
  | { readonly kind: 'disagrees'; readonly why: string }
  | { readonly kind: 'crashed'; readonly title: string; readonly why: string; readonly console: string }
  | { readonly kind: 'hung'; readonly why: string; readonly console: string }
  | { readonly kind: 'unsupported'; readonly why: string }
  /** fathom's own fault, or the operation itself failed. */
  | { readonly kind: 'broken'; readonly why: string };

export interface Measurement {
  readonly subject: Subject;
  /** `uname -r`; `unknown` for a kernel that could not be had. */
  readonly release: string;
  readonly accelerator: string;
  readonly samples: readonly Sample[];
  /** Of clones that gave no sample, in the order in which they ended; a measurement may have both. */
  readonly failures: readonly Failure[];
}

/** `ovl(erofs[file](xfs)), copy-up, cold, memcg`: what tells a measurement from its neighbours, without its kernel. */
export function labelOf({ topology, operation, pressure, cache, device }: Subject): string {
  return [
    topology,
    operation.name,
    cache,
    ...(pressure.name === 'none' ? [] : [pressure.name]),
    ...(device === 'virtio-blk' ? [] : [device]),
  ].join(', ');
}
