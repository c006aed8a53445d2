/** What a measured operation is put under, and the proof that it arrived. */
import { UsageError, type Operation } from '../../vm/machine.ts';

export interface Pressure {
  readonly name: string;
  /** Before the operation, once its mounts stand. */
  readonly setUp: readonly Operation[];
  /** The memory cgroup that the operation runs in; empty for none. */
  readonly cgroup: string;
  /** Modules that it needs. */
  readonly modules: readonly string[];
  /** Kernel options that it needs. */
  readonly config: readonly string[];
  /** Counters that must rise while the operation runs; none of them has: the pressure was not reached. */
  readonly proof: readonly string[];
  readonly about: string;
}

const MIB = 1024 * 1024;
const GROUP = 'measured';

/**
 * facts/measuring.md 6: a group smaller than the file read. On the page cache of a slow machine 3 MB are little enough
 * that each read reclaims what the last one brought in.
 */
export const PRESSURES: readonly Pressure[] = [
  { name: 'none', setUp: [], cgroup: '', modules: [], config: [], proof: [], about: 'memory enough for all' },
  {
    name: 'memcg',
    setUp: [{ op: 'cgroup', name: GROUP, memoryMaxBytes: 3 * MIB, swapMaxBytes: 0 }],
    cgroup: GROUP,
    modules: [],
    config: ['MEMCG'],
    proof: ['memory.events.max'],
    about: 'direct reclaim in a memory cgroup of 3 MB, smaller than the file',
  },
  {
    name: 'global',
    setUp: [{ op: 'hog', bytes: 150 * MIB, how: 'mlock' }],
    cgroup: '',
    modules: [],
    config: [],
    proof: ['allocstall_dma', 'allocstall_dma32', 'allocstall_normal', 'allocstall_movable'],
    about: 'direct reclaim in the whole guest, most of whose memory is locked',
  },
  {
    name: 'swap',
    setUp: [
      { op: 'swap', sizeBytes: 256 * MIB },
      { op: 'hog', bytes: 190 * MIB, how: 'anonymous' },
    ],
    cgroup: '',
    modules: ['zram'],
    config: ['SWAP'],
    proof: ['pswpout'],
    about: 'anonymous memory is swapped to zram while the operation goes on',
  },
  {
    name: 'writeback',
    setUp: [
      { op: 'sysctl', name: 'vm/dirty_background_bytes', value: '65536' },
      { op: 'sysctl', name: 'vm/dirty_bytes', value: '131072' },
    ],
    cgroup: '',
    modules: [],
    config: [],
    proof: ['nr_written'],
    about: 'dirty pages are written back while the operation goes on (vm.dirty_bytes 128 KB)',
  },
];

/** Throws UsageError for a name that is none. */
export function pressureNamed(name: string): Pressure {
  const found = PRESSURES.find((one) => one.name === name);
  if (found === undefined)
    throw new UsageError(`there is no pressure "${name}"; there are: ${PRESSURES.map((one) => one.name).join(', ')}`);
  return found;
}
