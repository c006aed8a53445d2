/** Kernel configurations: the options that fathom wants and why, and which of them a kernel lacks. */
import { UnsupportedError } from '../errors.ts';
import type { Kernel, KernelVersion } from './kernel.ts';
import { moduleName } from './modinfo.ts';
import { compareKernelVersions } from './version.ts';

export interface WantedOption {
  /** Without `CONFIG_`. */
  readonly name: string;
  /** `module`: as a module or built in; `builtin`: a module would come too late, or it is not a tristate. */
  readonly as: 'module' | 'builtin';
  readonly why: string;
  /** The modules that it builds. */
  readonly modules?: readonly string[];
  /** Which kernels have it, where most have not. */
  readonly elsewhere?: string;
  /** The first version that has the option. */
  readonly since?: readonly [major: number, minor: number];
}

/** First what a boot needs, then what scenarios need. */
export const WANTED_OPTIONS: readonly WantedOption[] = [
  { name: 'BLK_DEV_INITRD', as: 'builtin', why: 'the agent is PID 1 of an initramfs' },
  { name: 'BINFMT_ELF', as: 'builtin', why: 'to start it' },
  { name: 'DEVTMPFS', as: 'builtin', why: 'devices appear without udev' },
  { name: 'PROC_FS', as: 'builtin', why: 'mounts, modules, stacks of stuck tasks' },
  { name: 'SYSFS', as: 'builtin', why: 'finding the virtio port' },
  { name: 'TMPFS', as: 'builtin', why: 'upper directories and images on tmpfs' },
  { name: 'PRINTK', as: 'builtin', why: 'refusals explain themselves in /dev/kmsg' },
  { name: 'TTY', as: 'builtin', why: 'the console' },
  { name: 'UNIX98_PTYS', as: 'builtin', why: 'terminals for shells in a guest' },
  { name: 'SERIAL_8250', as: 'builtin', why: 'the console is a serial port' },
  { name: 'SERIAL_8250_CONSOLE', as: 'builtin', why: 'proof of a panic' },
  { name: 'MODULES', as: 'builtin', why: '--module replaces one module' },
  { name: 'PCI', as: 'builtin', why: 'virtio devices are PCI devices' },
  { name: 'VIRTIO', as: 'module', why: 'the guest’s devices', modules: ['virtio', 'virtio_ring'] },
  { name: 'VIRTIO_PCI', as: 'module', why: 'the guest’s devices', modules: ['virtio_pci'] },
  { name: 'VIRTIO_BLK', as: 'module', why: 'backing disks', modules: ['virtio_blk'] },
  { name: 'SCSI_VIRTIO', as: 'module', why: 'backing disks through SCSI', modules: ['virtio_scsi'] },
  { name: 'BLK_DEV_SD', as: 'module', why: 'backing disks through SCSI', modules: ['sd_mod'] },
  { name: 'BLK_DEV_NVME', as: 'module', why: 'backing disks through NVMe', modules: ['nvme'] },
  { name: 'VIRTIO_CONSOLE', as: 'module', why: 'the agent speaks over a virtio port', modules: ['virtio_console'] },
  { name: 'BLOCK', as: 'builtin', why: 'backing disks' },
  { name: 'EROFS_FS', as: 'module', why: 'the filesystem under test', modules: ['erofs'] },
  { name: 'EROFS_FS_ZIP', as: 'builtin', why: 'compressed images' },
  { name: 'EROFS_FS_XATTR', as: 'builtin', why: 'overlay whiteouts and opaque directories inside images' },
  { name: 'EROFS_FS_BACKED_BY_FILE', as: 'builtin', why: 'erofs mounted straight from a file', since: [6, 12] },
  { name: 'OVERLAY_FS', as: 'module', why: 'the filesystem under test', modules: ['overlay'] },
  { name: 'BLK_DEV_LOOP', as: 'module', why: 'erofs on a loop device', modules: ['loop'] },
  { name: 'XFS_FS', as: 'module', why: 'backing filesystem', modules: ['xfs'] },
  { name: 'EXT4_FS', as: 'module', why: 'backing filesystem', modules: ['ext4'] },
  { name: 'BTRFS_FS', as: 'module', why: 'backing filesystem', modules: ['btrfs'] },
  { name: 'SQUASHFS', as: 'module', why: 'the other read-only filesystem, for comparison', modules: ['squashfs'] },
  { name: 'SQUASHFS_ZLIB', as: 'builtin', why: 'what mksquashfs compresses with' },
  { name: 'SQUASHFS_XATTR', as: 'builtin', why: 'extended attributes in a squashfs' },
  { name: 'FUSE_FS', as: 'module', why: 'FUSE in the stack', modules: ['fuse'] },
  { name: 'FUSE_PASSTHROUGH', as: 'builtin', why: 'FUSE backed by files counts a stack depth', since: [6, 9] },
  {
    name: 'ECRYPT_FS',
    as: 'module',
    why: 'eCryptfs in the stack',
    modules: ['ecryptfs'],
    elsewhere: "Debian's full flavour has it: debian:VERSION/amd64",
  },
  { name: 'BLK_DEV_DM', as: 'module', why: 'dm-verity', modules: ['dm_mod'] },
  { name: 'DM_VERITY', as: 'module', why: 'images under dm-verity', modules: ['dm_verity'] },
  { name: 'FS_VERITY', as: 'builtin', why: 'composefs: images and blobs with fs-verity' },
  { name: 'STACKTRACE', as: 'builtin', why: '/proc/PID/stack of a hung step' },
  { name: 'FTRACE', as: 'builtin', why: 'the stack tracer' },
  { name: 'STACK_TRACER', as: 'builtin', why: 'measuring the kernel stack' },
  { name: 'VMAP_STACK', as: 'builtin', why: 'an overflow of the stack is caught by a guard page' },
  { name: 'CGROUPS', as: 'builtin', why: 'memory limits' },
  { name: 'MEMCG', as: 'builtin', why: 'direct reclaim on demand' },
  { name: 'SWAP', as: 'builtin', why: 'reclaim of anonymous memory' },
  { name: 'ZRAM', as: 'module', why: 'swap without a disk', modules: ['zram'] },
  { name: 'MAGIC_SYSRQ', as: 'builtin', why: 'a panic on purpose, for fathom’s own tests' },
];

/**
 * What a kernel needs besides, for a configuration that begins with nothing (`make allnoconfig`): any other has it. With
 * these it is built in minutes, and has what scenarios use of each filesystem.
 */
const FOUNDATION: readonly WantedOption[] = [
  ...builtin('a machine as QEMU makes it', [
    '64BIT',
    'SMP',
    'ACPI',
    'PCI_MSI',
    'PNP',
    'SERIAL_8250_PNP',
    'RTC_CLASS',
    'HYPERVISOR_GUEST',
    'PARAVIRT',
    'KVM_GUEST',
    'VIRTIO_MENU',
    'BLK_DEV',
    'SCSI_LOWLEVEL',
    'MD',
  ]),
  { name: 'SCSI', as: 'module', why: 'disks through SCSI', modules: ['scsi_mod'] },
  ...builtin('what a C program of today asks of a kernel', [
    'EXPERT',
    'MULTIUSER',
    'POSIX_TIMERS',
    'HIGH_RES_TIMERS',
    'FUTEX',
    'EPOLL',
    'SIGNALFD',
    'TIMERFD',
    'EVENTFD',
    'AIO',
    'ADVISE_SYSCALLS',
    'SHMEM',
    'MEMFD_CREATE',
    'FILE_LOCKING',
    'INOTIFY_USER',
    'BINFMT_SCRIPT',
    'SYSCTL',
    'PROC_SYSCTL',
    'NET',
    'UNIX',
  ]),
  ...builtin('user namespaces, which mount overlays', ['NAMESPACES', 'USER_NS']),
  ...builtin('what a crash says', ['BUG', 'KALLSYMS', 'UNWINDER_ORC', 'DETECT_HUNG_TASK']),
  ...builtin('modules that can be taken out again', ['MODULE_UNLOAD']),
  ...builtin('the initramfs is compressed', ['RD_GZIP', 'RD_ZSTD']),
  ...builtin('the stack tracer', ['DEBUG_KERNEL', 'DEBUG_FS', 'FUNCTION_TRACER', 'DYNAMIC_FTRACE']),
  ...builtin('the filesystems under test, whole', [
    'MISC_FILESYSTEMS',
    'EROFS_FS_POSIX_ACL',
    'EROFS_FS_SECURITY',
    'EROFS_FS_ZIP_LZMA',
    'EROFS_FS_ZIP_DEFLATE',
    'EROFS_FS_ZIP_ZSTD',
    'TMPFS_XATTR',
    'TMPFS_POSIX_ACL',
    'EXT4_FS_POSIX_ACL',
    'EXT4_FS_SECURITY',
    'XFS_POSIX_ACL',
    'UNICODE',
  ]),
  ...builtin('eCryptfs and dm-verity', ['KEYS', 'CRYPTO', 'CRYPTO_SHA256']),
  { name: 'CRYPTO_AES', as: 'module', why: 'eCryptfs' },
  { name: 'CRYPTO_CBC', as: 'module', why: 'eCryptfs' },
  { name: 'CRYPTO_ECB', as: 'module', why: 'eCryptfs' },
  { name: 'CRYPTO_MD5', as: 'module', why: 'eCryptfs' },
  ...builtin('swap without a disk', ['ZRAM_BACKEND_LZ4']),
];

function builtin(why: string, names: readonly string[]): readonly WantedOption[] {
  return names.map((name) => ({ name, as: 'builtin', why }));
}

/** A fragment from which `make KCONFIG_ALLCONFIG=FILE allnoconfig` makes the smallest kernel for fathom. */
export function minimalConfig(): string {
  return configFragment([...FOUNDATION, ...WANTED_OPTIONS]);
}

const OPTION_OF_MODULE = new Map(
  WANTED_OPTIONS.flatMap(({ name, modules }) => (modules ?? []).map((module) => [module, name] as const)),
);

/** The option that builds a module, without `CONFIG_`; undefined for modules that fathom does not know. */
export function optionOfModule(name: string): string | undefined {
  return OPTION_OF_MODULE.get(moduleName(name));
}

/** Which kernels have an option that most have not, in words; undefined for an ordinary one. */
export function whoHas(option: string): string | undefined {
  return WANTED_OPTIONS.find(({ name }) => name === option)?.elsewhere;
}

/** `CONFIG_X=value` lines of a configuration; `# CONFIG_X is not set` and all else is absent. Quotes are kept off. */
export function parseConfig(text: string): ReadonlyMap<string, string> {
  const config = new Map<string, string>();
  for (const match of text.matchAll(/^CONFIG_(\w+)=(.*?)\r?$/gm)) {
    const value = match[2]!;
    if (value !== 'n') config.set(match[1]!, value.replace(/^"(.*)"$/, '$1'));
  }
  return config;
}

/** The options among `names` (without `CONFIG_`) that the kernel has neither as `y` nor, where that will do, as `m`. */
export function checkConfig(kernel: Pick<Kernel, 'config'>, names: readonly string[]): readonly string[] {
  return names.filter((name) => {
    const value = kernel.config.get(name);
    const builtin = WANTED_OPTIONS.find((option) => option.name === name)?.as === 'builtin';
    return value !== 'y' && (value !== 'm' || builtin);
  });
}

/** The options of the whole fragment that the kernel lacks, those that its version does not know left out. */
export function lackingOptions(kernel: Pick<Kernel, 'config' | 'version'>): readonly WantedOption[] {
  const lacking = new Set(
    checkConfig(
      kernel,
      WANTED_OPTIONS.map(({ name }) => name),
    ),
  );
  return WANTED_OPTIONS.filter(({ name, since }) => lacking.has(name) && isKnown(kernel.version, since));
}

function isKnown(version: KernelVersion, since: WantedOption['since']): boolean {
  return (
    since === undefined || compareKernelVersions(version, { major: since[0], minor: since[1], patch: 0, rc: 0 }) >= 0
  );
}

/** A fragment for scripts/kconfig/merge_config.sh, each option with its reason. */
export function configFragment(options: readonly WantedOption[] = WANTED_OPTIONS): string {
  return options
    .map(
      ({ name, as, why, since }) =>
        `# ${why}${since === undefined ? '' : `; since ${since.join('.')}`}\nCONFIG_${name}=${as === 'module' ? 'm' : 'y'}\n`,
    )
    .join('');
}

/** Throws UnsupportedError with a fragment when the kernel lacks any of the options (names without `CONFIG_`). */
export function requireConfig(kernel: Pick<Kernel, 'spec' | 'config'>, names: readonly string[]): void {
  const missing = checkConfig(kernel, names);
  if (missing.length === 0) return;
  const options = missing.map(
    (name): WantedOption =>
      WANTED_OPTIONS.find((option) => option.name === name) ?? { name, as: 'builtin', why: 'needed here' },
  );
  throw new UnsupportedError(missing.map((name) => `CONFIG_${name}`).join(', '), {
    message: `${kernel.spec} is built without ${missing.map((name) => `CONFIG_${name}`).join(', ')}`,
    remedy: configFragment(options),
  });
}
