/** The stanzas of a Packages index that belong to kernels (deb-control(5), one blank line between two). */

export interface KernelPackage {
  readonly name: string;
  /** Debian package version, `6.17.13-1~bpo13+1`. */
  readonly version: string;
  readonly suite: string;
  /** Of the .deb, from the archive's root: `pool/main/l/linux/…`. */
  readonly path: string;
  /** Of the .deb, from the signed index. */
  readonly sha256: string;
  /** Of the .deb, in bytes. */
  readonly sizeBytes: number;
  /** Names in Depends that begin with `linux-`. */
  readonly depends: readonly string[];
}

const BEGIN = Buffer.from('Package: linux-');
const NAME = /^linux-(?:image|binary|modules|base)-(?!\S*-dbg$)/;

/**
 * Kernel packages of a whole index, given in pieces: an index has tens of megabytes, of which a few kilobytes
 * matter, so stanzas are found by their first bytes and the rest is never made into strings.
 */
export async function readKernelPackages(
  index: AsyncIterable<Uint8Array>,
  suite: string,
): Promise<readonly KernelPackage[]> {
  const packages: KernelPackage[] = [];
  let pending = Buffer.alloc(0);
  const take = (last: boolean): void => {
    let from = 0;
    for (;;) {
      const begin = pending.indexOf(BEGIN, from);
      if (begin === -1) {
        from = Math.max(from, pending.length - BEGIN.length);
        break;
      }
      const end = pending.indexOf('\n\n', begin);
      if (end === -1 && !last) {
        from = begin;
        break;
      }
      const parsed = parseKernelPackage(pending.toString('utf8', begin, end === -1 ? undefined : end), suite);
      if (parsed !== undefined && (begin === 0 || pending[begin - 1] === 0x0a)) packages.push(parsed);
      if (end === -1) return;
      from = end + 1;
    }
    pending = pending.subarray(from);
  };
  for await (const piece of index) {
    pending = pending.length === 0 ? Buffer.from(piece) : Buffer.concat([pending, piece]);
    take(false);
  }
  take(true);
  return packages;
}

/** Undefined for packages that hold no part of a bootable kernel, and for stanzas without version or hash. */
export function parseKernelPackage(stanza: string, suite: string): KernelPackage | undefined {
  const field = (name: string): string | undefined => new RegExp(`^${name}: *(.*)$`, 'm').exec(stanza)?.[1];
  const name = field('Package');
  const version = field('Version');
  const sha256 = field('SHA256');
  const path = field('Filename');
  if (name === undefined || !NAME.test(name) || version === undefined || sha256 === undefined || path === undefined)
    return undefined;
  const depends = (field('Depends') ?? '')
    .split(',')
    .map((alternatives) => /^\s*([^\s|(]+)/.exec(alternatives)?.[1] ?? '');
  return {
    name,
    version,
    suite,
    path,
    sha256,
    sizeBytes: Number(field('Size') ?? 0),
    depends: depends.filter((one) => one.startsWith('linux-')),
  };
}
