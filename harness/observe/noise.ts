/**
 * Kernel messages at warning level or above that say nothing of filesystems: the clock, the scheduler and the timers
 * of a slow virtual machine. They never decide a verdict; they stay in the evidence. Data: a pattern and its reason.
 */
export interface Noise {
  readonly pattern: RegExp;
  readonly reason: string;
}

export const NOISE: readonly Noise[] = [
  {
    pattern: /^clocksource: |^TSC |tsc: Marking TSC unstable|^sched_clock: /,
    reason: 'the clock of an emulated machine drifts',
  },
  {
    pattern: /^(?:set_capacity_and_notify|EXT4-fs mount): \d+ callbacks suppressed$/,
    reason:
      'a machine that has mounted much no longer notes each mount and loop device (block/genhd.c, fs/ext4/super.c)',
  },
  { pattern: /^hrtimer: interrupt took \d+ ns$/, reason: 'an emulated timer interrupt is slow' },
  { pattern: /^perf: interrupt took too long/, reason: 'an emulated interrupt is slow' },
  { pattern: /^workqueue: .* hogged CPU for >\d+us/, reason: 'everything is slow under emulation' },
  {
    pattern: /^sched: (RT|DL) replenish|^sched: RT throttling activated/,
    reason: 'the scheduler notes a slow machine',
  },
  { pattern: /^random: .* (uninitialized|unseeded)/, reason: 'a young guest has little entropy' },
  {
    pattern: /^device-mapper: core: CONFIG_IMA_DISABLE_HTABLE is disabled\. /,
    reason: "device mapper's module notes how the kernel was configured, once a boot (drivers/md/dm.c:dm_init)",
  },
  {
    pattern: /: module verification failed: signature and\/or required key missing - tainting kernel$/,
    reason: 'the user replaced a module, and fathom says so itself',
  },
  {
    pattern: /: loading out-of-tree module taints kernel\.$/,
    reason: 'the user replaced a module, and fathom says so itself',
  },
];

export function isNoise(text: string): boolean {
  return NOISE.some(({ pattern }) => pattern.test(text));
}
