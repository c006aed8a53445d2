/**
 * The agent's protocol, version 1: JSON lines over one virtio-serial port (or any byte stream), both ways.
 *
 *   host → agent   {"v":1,"type":"plan","id":…,"steps":[…]}   {"v":1,"type":"ping","id":…}
 *   agent → host   hello (once, at boot), pong, result (one a step, in order), done, fault
 *
 * Both sides refuse what they do not know by saying so. The C side is plan.c (in) and supervisor.c (out); this file is its other half, and the
 * tests hold the two together.
 */
import * as z from 'zod';
import { changeOf } from './change.ts';
import { CONTENTS_WAYS } from './ways.ts';

export const PROTOCOL_VERSION = 1;
/** Longest line the agent takes, in bytes. */
export const MAX_LINE_BYTES = 1024 * 1024;
/** Most steps in a plan. */
export const MAX_STEPS = 4096;
/** Most times that an exercise does what it does, in each of its processes. */
export const MAX_EXERCISE_COUNT = 1_000_000;
/** Most processes of an exercise. */
export const MAX_EXERCISE_PROCESSES = 64;
/** Most bytes that a limit, a hog or swap can be given. */
export const MAX_MEMORY_BYTES = 2 ** 40;
/** Longest deadline of a step: a day, in ms. */
export const MAX_DEADLINE_MS = 86_400_000;

const absolute = z
  .string()
  .startsWith('/')
  .max(4095)
  .refine((path) => !path.includes('\0'), 'no NUL in a path');
const version = z.literal(PROTOCOL_VERSION);
const loopName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/);
/** Below /proc/sys, no part beginning with a dot: `vm/min_free_kbytes`. */
const sysctlName = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/);
const memoryBytes = z.number().int().min(0).max(MAX_MEMORY_BYTES);
const hexadecimal = z
  .string()
  .max(512)
  .regex(/^[0-9a-f]*$/);

/** Flags of mount(2), by their names without `MS_`. */
export const mountFlag = z.enum([
  'rdonly',
  'nosuid',
  'nodev',
  'noexec',
  'silent',
  'bind',
  'private',
  'noatime',
  'remount',
]);

/** One fsconfig(2) call before FSCONFIG_CMD_CREATE. `fd` opens the path O_RDONLY and passes the descriptor (FSCONFIG_SET_FD). */
export const contextParameter = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('flag'), key: z.string().max(255) }),
  z.strictObject({ kind: z.literal('string'), key: z.string().max(255), value: z.string().max(4095) }),
  z.strictObject({ kind: z.literal('fd'), key: z.string().max(255), path: absolute }),
]);

/**
 * How an exercise reads, of the regular file `path` unless another kind is named. Each goes through the whole file in
 * pieces of 64 KiB.
 * `mmap` touches every page of a mapping; `sendfile` and `splice` end in /dev/null, so that the reading side is the
 * deepest; `copy_file_range` makes `to`; `direct` is O_DIRECT; `readahead` then touches every page; `getdents` wants a
 * directory, `readlink` a symbolic link; `getxattr` lists and gets all; `exec` wants a static executable, whose own
 * status is of no interest.
 */
export const readWay = z.enum([
  'read',
  'pread',
  'readv',
  'mmap',
  'sendfile',
  'splice',
  'copy_file_range',
  'direct',
  'readahead',
  'getdents',
  'readlink',
  'getxattr',
  'exec',
]);
export type ReadWay = z.infer<typeof readWay>;

/**
 * How an exercise changes `path`, which an overlay copies up for it; all but the first, `truncate` (to half) and
 * `mmap-write` also take a directory. `open-write` opens for writing and writes nothing; `link` and `rename` make `to`.
 */
export const copyUpWay = z.enum([
  'open-write',
  'truncate',
  'chmod',
  'chown',
  'utimensat',
  'setxattr',
  'link',
  'rename',
  'mmap-write',
]);
export type CopyUpWay = z.infer<typeof copyUpWay>;

/**
 * What an exercise does to the tree below `path`, by chance that the seed decides: `churn` reads and writes in the
 * manner of fsstress, in directories of its own (`churn-SEED-PROCESS`) and upon what was there before; `rostress` only
 * reads.
 */
export const stressWay = z.enum(['churn', 'rostress']);
export type StressWay = z.infer<typeof stressWay>;

export const operation = z.discriminatedUnion('op', [
  /** mount(2). */
  z.strictObject({
    op: z.literal('mount'),
    source: z.string().max(4095),
    target: absolute,
    fstype: z.string().max(63),
    flags: z.array(mountFlag),
    data: z.string().max(4095),
  }),
  /**
   * fsopen, fsconfig…, fsmount, move_mount; the context's own log comes back in `context`. `rdonly` sets the flag `ro`
   * on the context before the parameters and MOUNT_ATTR_RDONLY on the mount: together what MS_RDONLY means to mount(2).
   */
  z.strictObject({
    op: z.literal('fsmount'),
    fstype: z.string().max(63),
    parameters: z.array(contextParameter).max(600),
    target: absolute,
    rdonly: z.boolean(),
  }),
  z.strictObject({ op: z.literal('umount'), target: absolute, lazy: z.boolean() }),
  /** fspick, fsconfig…, FSCONFIG_CMD_RECONFIGURE; the context's own log comes back in `context`. */
  z.strictObject({
    op: z.literal('reconfigure'),
    target: absolute,
    parameters: z.array(contextParameter).max(600),
  }),
  /** Mounts a directory once more; `rdonly` and `unbindable` (MS_UNBINDABLE) are the new mount's. */
  z.strictObject({
    op: z.literal('bind'),
    source: absolute,
    target: absolute,
    rdonly: z.boolean(),
    unbindable: z.boolean(),
  }),
  /**
   * A mount by a process that is root in a user namespace and a mount namespace of its own, where the mount ends with
   * it; `foreign-context`: the process only opens the context and gives it its parameters, and the agent mounts.
   * `data` is for mount(2), `parameters` for fsopen(2).
   */
  z.strictObject({
    op: z.literal('mount-by'),
    by: z.enum(['user-namespace', 'foreign-context']),
    api: z.enum(['mount', 'fsopen']),
    fstype: z.string().max(63),
    source: z.string().max(4095),
    target: absolute,
    data: z.string().max(4095),
    parameters: z.array(contextParameter).max(600),
  }),
  /** Makes an empty directory fold case, if it does not. */
  z.strictObject({ op: z.literal('casefold'), path: absolute }),
  /** lstat(2): whether something is there. */
  z.strictObject({ op: z.literal('look'), path: absolute }),
  /**
   * Writes a file into a directory and shuts its filesystem down before it is on the disk (FS_IOC_SHUTDOWN), so that the
   * superblock has an error of writeback that nobody has seen.
   */
  z.strictObject({ op: z.literal('lose-writes'), path: absolute }),
  /** Attaches a file to a free loop device; the device is then at /run/fathom/loop/NAME (a symbolic link). */
  z.strictObject({ op: z.literal('loop'), name: loopName, file: absolute, rdonly: z.boolean(), directIo: z.boolean() }),
  /** `keepName`: the symbolic link stays, and leads to a device that is bound to nothing. */
  z.strictObject({ op: z.literal('loop-detach'), name: loopName, keepName: z.boolean() }),
  /** Makes a directory and its parents. Existing ones are fine. */
  z.strictObject({
    op: z.literal('mkdir'),
    paths: z.array(absolute).min(1).max(MAX_STEPS),
    mode: z.number().int().min(0).max(0o7777),
  }),
  z.strictObject({ op: z.literal('write-text'), path: absolute, text: z.string().max(65536) }),
  /** Copies one regular file with read(2) and write(2). */
  z.strictObject({ op: z.literal('copy-file'), from: absolute, to: absolute }),
  /** Reads a whole regular file; `sha256` and `sizeBytes` come back. */
  z.strictObject({ op: z.literal('read'), path: absolute }),
  /**
   * The same in another way. `exec` runs the file, which has to write itself to its standard output and exit with 0:
   * what is hashed are the pages that the kernel has mapped. A page that cannot be had is EIO of the call `page fault`.
   */
  z.strictObject({ op: z.literal('read-by'), path: absolute, how: z.enum(CONTENTS_WAYS) }),
  /** Opens for writing (on an overlay's lower file: a copy-up), appends text (may be empty), closes. */
  z.strictObject({ op: z.literal('open-write'), path: absolute, append: z.string().max(65536) }),
  /**
   * Lists a tree, names in byte order, parents first: what stat(2) says of every entry, its extended attributes, its
   * link target and, for files, sha256. An entry that cannot be read carries its errno, and the step fails with the
   * first such errno, its entries there all the same. Bytes that are no UTF-8 are U+FFFD.
   */
  z.strictObject({ op: z.literal('tree'), path: absolute }),
  /** One change of a tree; `call` is the system call of interest, or one that leads to it. */
  z.strictObject({ op: z.literal('change'), change: changeOf(absolute) }),
  /**
   * Makes the group /sys/fs/cgroup/NAME, or changes its limits: `memoryMaxBytes` 0 for none, `swapMaxBytes` 0 for no
   * swap. After the plan its processes are killed and it is removed.
   */
  z.strictObject({ op: z.literal('cgroup'), name: loopName, memoryMaxBytes: memoryBytes, swapMaxBytes: memoryBytes }),
  /** What has come of pressure so far, of the machine and, unless it is empty, of a group: `counters` come back. */
  z.strictObject({ op: z.literal('counters'), cgroup: z.union([z.literal(''), loopName]) }),
  /**
   * A process that holds memory until the plan ends: `anonymous`, `mlock` (which cannot be reclaimed) or `tmpfs` (a
   * memfd, let go a moment after). When memory runs out it is the first to be killed; if that is at once, the call is `hog`.
   */
  z.strictObject({
    op: z.literal('hog'),
    bytes: memoryBytes.min(1),
    how: z.enum(['anonymous', 'mlock', 'tmpfs']),
  }),
  /** Swaps to /dev/zram0, made `sizeBytes` big, until the plan ends. The kernel module is zram. */
  z.strictObject({ op: z.literal('swap'), sizeBytes: memoryBytes.min(1) }),
  /**
   * A dm-verity device, format version 1 without superblock, at /dev/mapper/NAME (`device` comes back) until the plan
   * ends. `hash` may be the same device as `data`. The kernel module is dm_verity.
   */
  z.strictObject({
    op: z.literal('verity'),
    name: loopName,
    data: absolute,
    hash: absolute,
    dataBlocks: z.number().int().min(1).max(0xffff_ffff),
    hashStartBlock: z.number().int().min(0).max(0xffff_ffff),
    /** Of data and of hashes. */
    blockBytes: z.number().int().min(1).max(65536),
    /** The kernel's name for it: `sha256`. */
    algorithm: loopName,
    /** May be empty. */
    salt: hexadecimal,
    rootHash: hexadecimal,
  }),
  /**
   * A FUSE mount at `target` that passes the directory `over` through, by a daemon that lives as long as the mount, at
   * most until the plan ends. With `passthrough` it asks for FUSE_PASSTHROUGH and declares `maxStackDepth` (whether the
   * kernel grants it is not told), and hands over each file that the kernel takes. The kernel module is fuse.
   */
  z.strictObject({
    op: z.literal('fuse'),
    over: absolute,
    target: absolute,
    rdonly: z.boolean(),
    passthrough: z.boolean(),
    maxStackDepth: z.number().int().min(0).max(0xffff_ffff),
    writebackCache: z.boolean(),
  }),
  /** Offers `file` to the connection of the FUSE mount at `target` as a backing file (FUSE_DEV_IOC_BACKING_OPEN), and closes it. */
  z.strictObject({ op: z.literal('fuse-backing'), target: absolute, file: absolute }),
  /** A passphrase token for eCryptfs in the worker's keyring, by this signature: what `ecryptfs_sig=` names. */
  z.strictObject({ op: z.literal('ecryptfs-key'), signature: z.string().regex(/^[0-9a-f]{16}$/) }),
  /** FS_IOC_ENABLE_VERITY with SHA-256 and blocks of 4096 bytes: nobody writes to the file any more. */
  z.strictObject({ op: z.literal('fsverity'), path: absolute }),
  /** Writes `value` to /proc/sys/NAME. It stays: a plan that prepares a template sets what its clones will have. */
  z.strictObject({ op: z.literal('sysctl'), name: sysctlName, value: z.string().max(4095) }),
  /** sync(2), then /proc/sys/vm/drop_caches = 3. */
  z.strictObject({ op: z.literal('drop-caches') }),
  /** Writes one letter to /proc/sysrq-trigger: the honest way to a panic, for self-tests. */
  z.strictObject({ op: z.literal('sysrq'), key: z.string().length(1) }),
  /**
   * Does something in processes of its own, so that stacks and memory are that thing's alone, `count` times in each.
   * Opening and looking up come before what is measured, and read no data.
   * `cgroup` names one of the operation `cgroup`, which the processes join first; empty for none.
   * `trace` resets the stack tracer right before and reads it right after; it must be on, or the step fails with the
   * call `stack tracer`. `performed` and `trace` come back.
   */
  z.strictObject({
    op: z.literal('exercise'),
    how: z.enum([...readWay.options, ...copyUpWay.options, ...stressWay.options]),
    path: absolute,
    to: z.union([z.literal(''), absolute]),
    /** Of the choices that `churn` and `rostress` make: the same seed makes the same calls. */
    seed: z.number().int().min(0).max(0xffff_ffff),
    count: z.number().int().min(1).max(MAX_EXERCISE_COUNT),
    processes: z.number().int().min(1).max(MAX_EXERCISE_PROCESSES),
    cgroup: z.union([z.literal(''), loopName]),
    trace: z.boolean(),
  }),
  /**
   * A shell for people: /bin/busybox runs `script` as `sh -c` on the terminal of a machine that has one (/dev/hvc0), in
   * a session of its own, among the mounts of the plan. Answered when it has ended; `status` comes back, 128 + the
   * number of the signal that ended it. `raw`: no echo, and newlines go out as they are.
   */
  z.strictObject({
    op: z.literal('shell'),
    script: z.string().min(1).max(65536),
    rows: z.number().int().min(1).max(0xffff),
    columns: z.number().int().min(1).max(0xffff),
    raw: z.boolean(),
  }),
  /**
   * Stays in the kernel or in user space without an answer, for self-tests. `spin` loops in user space, `stop` stops the
   * agent itself, `garbage` makes the agent write bytes that are no protocol, `exit` ends the agent (init). `daemon-…` is
   * answered, and kills or stops the latest FUSE daemon, or makes it loop in user space.
   */
  z.strictObject({
    op: z.literal('misbehave'),
    how: z.enum(['spin', 'stop', 'garbage', 'exit', 'daemon-kill', 'daemon-stop', 'daemon-spin']),
  }),
]);
export type Operation = z.infer<typeof operation>;

export const planStep = z.strictObject({
  /** Unique in its plan; part of the markers in the kernel log. */
  id: z
    .string()
    .min(1)
    .max(127)
    .refine((id) => !id.includes('\0'), 'no NUL in an id'),
  /** Earlier steps that must have succeeded; otherwise this one is skipped and says which. */
  needs: z.array(z.string()),
  /** Time for the step in ms, already scaled for the machine. */
  deadlineMs: z.number().int().positive().max(MAX_DEADLINE_MS),
  operation,
});
export type PlanStep = z.infer<typeof planStep>;

export const plan = z
  .strictObject({
    v: version,
    type: z.literal('plan'),
    id: z.string().min(1).max(127),
    steps: z.array(planStep).max(MAX_STEPS),
  })
  .superRefine(({ steps }, context) => {
    const earlier = new Set<string>();
    for (const [index, step] of steps.entries()) {
      for (const need of step.needs)
        if (!earlier.has(need))
          context.addIssue({
            code: 'custom',
            path: ['steps', index, 'needs'],
            message: `no earlier step is called ${JSON.stringify(need)}`,
          });
      if (earlier.has(step.id))
        context.addIssue({ code: 'custom', path: ['steps', index, 'id'], message: 'an earlier step has the same id' });
      earlier.add(step.id);
    }
  });
export type Plan = z.infer<typeof plan>;

export const ping = z.strictObject({ v: version, type: z.literal('ping'), id: z.string().max(127) });

/** A record of /dev/kmsg. */
export const kernelMessage = z.strictObject({
  sequence: z.number().int().nonnegative(),
  /** syslog level, 0 (emergency) to 7 (debug). */
  level: z.number().int().min(0).max(7),
  facility: z.number().int().nonnegative(),
  timestampUs: z.number().int().nonnegative(),
  text: z.string(),
});
export type KernelMessage = z.infer<typeof kernelMessage>;

const deviceNumber = z.string().regex(/^[0-9]+:[0-9]+$/);

export const treeEntry = z.strictObject({
  /** Relative to the root of the listing; the root itself is `.`. */
  path: z.string(),
  type: z.enum(['file', 'directory', 'symlink', 'character', 'block', 'fifo', 'socket']),
  mode: z.number().int(),
  uid: z.number().int(),
  gid: z.number().int(),
  sizeBytes: z.number().int(),
  nlink: z.number().int(),
  /** Nanoseconds since 1970, in decimal. */
  mtimeNs: z.string().regex(/^-?[0-9]+$/),
  /** `st_dev`, MAJOR:MINOR. */
  device: deviceNumber,
  /** `st_ino`, in decimal: with xino it has high bits. */
  inode: z.string().regex(/^[0-9]+$/),
  /** `st_rdev` of a device node. */
  rdev: deviceNumber.optional(),
  /** All that listxattr(2) names, trusted ones too; values in hexadecimal. Empty also where there can be none. */
  xattrs: z.record(z.string(), z.string().regex(/^([0-9a-f]{2})*$/)),
  target: z.string().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** Set when the entry or its contents could not be read. */
  errno: z.string().optional(),
});

export type TreeEntry = z.infer<typeof treeEntry>;

/** One shape for a step that worked and one that did not. */
export const stepResult = z.strictObject({
  v: version,
  type: z.literal('result'),
  plan: z.string(),
  step: z.string(),
  ok: z.boolean(),
  /** The failed call's errno by name (`EINVAL`); absent when ok or skipped. */
  errno: z.string().optional(),
  /** Which system call failed: `mount`, `fsconfig(create)`, `LOOP_CONFIGURE`, `open`, `read` … */
  call: z.string().optional(),
  /** The needed step that did not succeed; the step was not tried. */
  skipped: z.string().optional(),
  /** Kernel messages between the step's begin and end markers, markers left out. */
  messages: z.array(kernelMessage),
  /** Lines of the filesystem context's log (`e overlay: …`), fsmount only. */
  context: z.array(z.string()).optional(),
  durationUs: z.number().int().nonnegative(),
  sha256: z.string().optional(),
  sizeBytes: z.number().int().optional(),
  /** The loop device's real name, `/dev/loop0`. */
  device: z.string().optional(),
  /** Whether a loop device reads its backing directly: LO_FLAGS_DIRECT_IO, as LOOP_GET_STATUS64 has it. */
  directIo: z.boolean().optional(),
  entries: z.array(treeEntry).optional(),
  /** Of `shell`: its exit status. */
  status: z.number().int().nonnegative().optional(),
  /** How many operations an exercise did, over all its processes; with an error, up to it. */
  performed: z.number().int().nonnegative().optional(),
  /** How many more the kernel refused in a way that chance brings about (ENOENT, EEXIST, ENOSPC …); `churn` only. */
  refused: z.number().int().nonnegative().optional(),
  /** The deepest stack of the machine while an exercise ran; only of one that succeeded. */
  trace: z
    .strictObject({
      /** `stack_max_size`, in bytes. */
      maxSizeBytes: z.number().int().nonnegative(),
      /** The text of `stack_trace`. */
      table: z.string(),
    })
    .optional(),
  /** By their names in /proc/vmstat; those of a group's memory.events have `memory.events.` before them. */
  counters: z.record(z.string(), z.number().int()).optional(),
});
export type StepResult = z.infer<typeof stepResult>;

export const hello = z.strictObject({
  v: version,
  type: z.literal('hello'),
  /** Hash of the sources, the compiler and its flags, compiled in. */
  agent: z.string(),
  release: z.string(),
  machine: z.string(),
  /** Result of each module's load, in order; a refusal carries the errno and what the kernel said. */
  modules: z.array(
    z.strictObject({
      name: z.string(),
      ok: z.boolean(),
      errno: z.string().optional(),
      messages: z.array(z.string()).optional(),
    }),
  ),
  /** Contents of /proc/cmdline. */
  commandLine: z.string(),
});
export type Hello = z.infer<typeof hello>;

export const agentLine = z.discriminatedUnion('type', [
  hello,
  z.strictObject({ v: version, type: z.literal('pong'), id: z.string() }),
  stepResult,
  /**
   * The plan has ended, always the last word on it. `leftovers` names what could not be cleaned up: mounts, loop
   * devices, modules still in use. `messages` are the kernel's between steps and while the plan's mounts were taken down.
   */
  z.strictObject({
    v: version,
    type: z.literal('done'),
    plan: z.string(),
    leftovers: z.array(z.string()),
    messages: z.array(kernelMessage),
  }),
  /**
   * The step's worker died of a signal or did not answer in time; no further step is run, `done` follows. `daemon`: a FUSE
   * daemon of the agent's own has died or hangs, so what the kernel did is no word about it, and `stack` says which.
   * `stack` is what /proc/PID says: `state …`, `wchan …`, `syscall …`, then the lines of /proc/PID/stack.
   * The same follows for each of its own processes, after `child PID`.
   */
  z.strictObject({
    v: version,
    type: z.literal('stuck'),
    plan: z.string(),
    step: z.string(),
    how: z.enum(['deadline', 'signal', 'daemon']),
    signal: z.number().int().optional(),
    stack: z.string(),
    messages: z.array(kernelMessage),
  }),
  /** The agent refuses a line, and why; it goes on. */
  z.strictObject({ v: version, type: z.literal('fault'), reason: z.string() }),
]);
export type AgentLine = z.infer<typeof agentLine>;
