/** The stanzas of a Packages index that are wanted (deb-control(5), one blank line between two). */

export interface ArchivePackage {
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
  /** Names in Depends that begin with `linux-`: what completes a kernel. */
  readonly depends: readonly string[];
}

/** Packages whose programs are used in versions newer than the machine's (vm/tools/). */
export const TOOL_PACKAGES = ['erofs-utils', 'composefs', 'busybox-static'] as const;
export type ToolPackage = (typeof TOOL_PACKAGES)[number];

const BEGINS = ['linux-', ...TOOL_PACKAGES.map((name) => `${name}\n`)].map((rest) => Buffer.from(`Package: ${rest}`));
const LONGEST_BEGIN = Math.max(...BEGINS.map(({ length }) => length));
const KERNEL = /^linux-(?:image|binary|modules|base)-(?!\S*-dbg$)/;

/**
 * Packages of kernels and of tools, of a whole index given in pieces: an index has tens of megabytes, of which a few
 * kilobytes matter, so stanzas are found by their first bytes and the rest is never made into strings.
 */
export async function readPackages(
  index: AsyncIterable<Uint8Array>,
  suite: string,
): Promise<readonly ArchivePackage[]> {
  const packages: ArchivePackage[] = [];
  let pending = Buffer.alloc(0);
  const take = (last: boolean): void => {
    let from = 0;
    for (;;) {
      const begin = firstBegin(pending, from);
      if (begin === undefined) {
        from = Math.max(from, pending.length - LONGEST_BEGIN);
        break;
      }
      const end = pending.indexOf('\n\n', begin);
      if (end === -1 && !last) {
        from = begin;
        break;
      }
      const parsed = parsePackage(pending.toString('utf8', begin, end === -1 ? undefined : end), suite);
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

function firstBegin(text: Buffer, from: number): number | undefined {
  const found = BEGINS.map((begin) => text.indexOf(begin, from)).filter((at) => at !== -1);
  return found.length === 0 ? undefined : Math.min(...found);
}

/** Undefined for packages that hold neither a part of a bootable kernel nor a tool, or have no version or hash. */
export function parsePackage(stanza: string, suite: string): ArchivePackage | undefined {
  const field = (name: string): string | undefined => new RegExp(`^${name}: *(.*)$`, 'm').exec(stanza)?.[1];
  const name = field('Package');
  const version = field('Version');
  const sha256 = field('SHA256');
  const path = field('Filename');
  if (name === undefined || version === undefined || sha256 === undefined || path === undefined) return undefined;
  if (!KERNEL.test(name) && !TOOL_PACKAGES.some((tool) => tool === name)) return undefined;
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
