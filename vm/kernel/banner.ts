/** The version string inside a boot image: what the kernel itself will print first. */
import { open } from 'node:fs/promises';
import { HarnessError, UsageError } from '../errors.ts';
import { reasonOf } from '../file-errors.ts';
import type { KernelVersion } from './kernel.ts';
import { versionOfBanner } from './version.ts';

export interface Banner {
  /** `uname -r`. */
  readonly release: string;
  readonly version: KernelVersion;
}

/** Enough for the header: the string lies within the real-mode part, 64 sectors at most. */
const HEADER_BYTES = 64 * 512 + 512;

/**
 * Reads `kernel_version` of the x86 boot protocol (Documentation/arch/x86/boot.rst, offset 0x20e).
 * Throws UsageError when the file is no bzImage.
 */
export async function readBanner(image: string): Promise<Banner> {
  const text = bannerOf(await head(image));
  if (text === undefined) throw new UsageError(`${image} is not a bzImage: it has no x86 boot header with a version`);
  const release = text.split(' ')[0]!;
  const version = versionOfBanner(release, text);
  if (version === undefined)
    throw new HarnessError(`${image} calls itself '${text}', which begins with no kernel version`);
  return { release, version };
}

/** @param start the first 33 KiB of the image */
export function bannerOf(start: Buffer): string | undefined {
  if (start.length < 0x210 || start.toString('latin1', 0x202, 0x206) !== 'HdrS') return undefined;
  const at = start.readUInt16LE(0x20e) + 0x200;
  const end = start.indexOf(0, at);
  return at === 0x200 || end <= at ? undefined : start.toString('latin1', at, end);
}

async function head(image: string): Promise<Buffer> {
  const handle = await open(image).catch((cause: unknown) => {
    throw new UsageError(`cannot read the boot image ${image}: ${reasonOf(cause)}`, { cause });
  });
  try {
    const buffer = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
