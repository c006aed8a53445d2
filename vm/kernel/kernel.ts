/** A kernel, ready to be booted: image, modules, config and release, wherever they came from. */
export interface Kernel {
  /** The kernel spec as the user gave it: `debian:6.17.13`. */
  readonly spec: string;
  /** `uname -r`: `6.17.13+deb13-cloud-amd64`. */
  readonly release: string;
  /** Upstream version, read from the package or the release: `6.17.13`, `7.3-rc7`, `5.10.262` (not `5.10.0`). */
  readonly version: KernelVersion;
  /** Path of the bzImage. */
  readonly image: string;
  /** `CONFIG_…` without its prefix → `y`, `m` or the value; what is not set is absent. */
  readonly config: ReadonlyMap<string, string>;
  /** Path of System.map, where there is one. */
  readonly systemMap: string | undefined;
  /** A hash of image, modules, config and replacements: part of a template's key. */
  readonly identity: string;
  /** Where it came from, in words: `linux-image-6.17.13+deb13-cloud-amd64 6.17.13-1~bpo13+1, trixie-backports`. */
  readonly origin: string;
  /**
   * The modules to load for these names, in order, dependencies first; built-ins are left out.
   * Throws UnsupportedError naming the module and its CONFIG option when the kernel has neither.
   */
  modules(names: readonly string[]): Promise<readonly KernelModule[]>;
}

export interface KernelModule {
  /** As in /proc/modules: `_`, never `-`. */
  readonly name: string;
  /** Path of the `.ko`, `.ko.xz`, `.ko.zst` or `.ko.gz` on the host. */
  readonly file: string;
  /** True when the user replaced it (`--module NAME=FILE`). */
  readonly replaced: boolean;
}

export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** Release candidate number; undefined for a release. */
  readonly rc: number | undefined;
}
