/**
 * What a module says of itself: the `.modinfo` section of its ELF file, `key=value` strings parted by NUL
 * (include/linux/moduleparam.h `__MODULE_INFO`, scripts/mod/modpost.c).
 */
import { open, readFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { execa } from 'execa';
import { HarnessError, UsageError } from '../errors.ts';

export interface ModuleInfo {
  /** As in /proc/modules; undefined in modules older than 4.5. */
  readonly name: string | undefined;
  /** Modules whose symbols it uses. */
  readonly depends: readonly string[];
  /** Modules or aliases that it wants loaded before itself (`softdep=pre: …`). */
  readonly softdepPre: readonly string[];
  readonly aliases: readonly string[];
}

/** As in /proc/modules: modprobe takes `-` and `_` for the same. */
export function moduleName(text: string): string {
  return text.replaceAll('-', '_');
}

/** The name of a module file's module: `dm-verity.ko.xz` → `dm_verity`; undefined when it is no module file. */
export function moduleNameOfFile(file: string): string | undefined {
  const match = /^(.+)\.ko(?:\.xz|\.zst|\.gz)?$/.exec(file.slice(file.lastIndexOf('/') + 1));
  return match === null ? undefined : moduleName(match[1]!);
}

/** @param strings the `key=value` strings of one module */
export function parseModuleInfo(strings: readonly string[]): ModuleInfo {
  const values = (key: string): string[] =>
    strings.filter((one) => one.startsWith(`${key}=`)).map((one) => one.slice(key.length + 1));
  return {
    name: values('name')[0],
    depends: values('depends').flatMap((list) =>
      list
        .split(',')
        .filter((name) => name !== '')
        .map(moduleName),
    ),
    softdepPre: values('softdep').flatMap(softdepPre),
    aliases: values('alias'),
  };
}

/** The `pre:` part of `pre: a b post: c` (modprobe.d(5)). */
export function softdepPre(text: string): string[] {
  let pre = false;
  return text.split(/\s+/).filter((word) => {
    if (word === 'pre:' || word === 'post:') pre = word === 'pre:';
    else if (word !== '') return pre;
    return false;
  });
}

/**
 * Reads a `.ko`, plain or compressed (`xz` and `zstd` are run). Throws HarnessError when it is not a module.
 */
export async function readModuleInfo(file: string): Promise<ModuleInfo> {
  const strings = file.endsWith('.ko') ? await readPlain(file) : modinfoOf(wholeFile(await decompressModule(file)));
  const found = await strings;
  if (found === undefined)
    throw new HarnessError(`${file} is not a kernel module: it is no ELF file with a .modinfo section`);
  return parseModuleInfo(found);
}

async function readPlain(file: string): Promise<readonly string[] | undefined> {
  const handle = await open(file);
  try {
    return await modinfoOf(fileReader(handle));
  } finally {
    await handle.close();
  }
}

/** Contents of a `.ko.xz`, `.ko.zst` or `.ko.gz`. */
export async function decompressModule(file: string): Promise<Buffer> {
  if (file.endsWith('.gz')) return promisify(gunzip)(await readFile(file));
  const program = file.endsWith('.xz') ? 'xz' : file.endsWith('.zst') ? 'zstd' : undefined;
  if (program === undefined)
    throw new UsageError(`${file} is not a kernel module: its name ends in none of .ko, .ko.xz, .ko.zst, .ko.gz`);
  const { stdout } = await execa(program, ['-dcq', '--', file], {
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: 1024 ** 3,
    timeout: 60_000,
  });
  return Buffer.from(stdout);
}

/** Bytes at an offset; shorter than asked for at the end of the file. */
type Reader = (offset: number, length: number) => Promise<Buffer>;

function fileReader(handle: FileHandle): Reader {
  return async (offset, length) => {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await handle.read(buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
}

function wholeFile(contents: Buffer): Reader {
  return (offset, length) => Promise.resolve(contents.subarray(offset, offset + length));
}

/** Longest section that is believed, in bytes: real ones have some kilobytes. */
const MAX_SECTION = 16 * 1024 * 1024;

/** The strings of `.modinfo` in a little-endian ELF file of 32 or 64 bits (elf(5)); undefined when there is none. */
async function modinfoOf(read: Reader): Promise<readonly string[] | undefined> {
  const header = await read(0, 64);
  if (header.length < 52 || header.readUInt32BE(0) !== 0x7f454c46 || header[5] !== 1) return undefined;
  const wide = header[4] === 2;
  if (wide && header.length < 64) return undefined;
  const tableAt = wide ? Number(header.readBigUInt64LE(0x28)) : header.readUInt32LE(0x20);
  const entrySize = header.readUInt16LE(wide ? 0x3a : 0x2e);
  const count = header.readUInt16LE(wide ? 0x3c : 0x30);
  const namesIndex = header.readUInt16LE(wide ? 0x3e : 0x32);
  const table = await read(tableAt, entrySize * count);
  if (entrySize < (wide ? 64 : 40) || table.length < entrySize * count || namesIndex >= count) return undefined;

  const section = (index: number): { name: number; offset: number; size: number } => {
    const at = index * entrySize;
    return {
      name: table.readUInt32LE(at),
      offset: wide ? Number(table.readBigUInt64LE(at + 0x18)) : table.readUInt32LE(at + 0x10),
      size: wide ? Number(table.readBigUInt64LE(at + 0x20)) : table.readUInt32LE(at + 0x14),
    };
  };
  const contents = async (index: number): Promise<Buffer> => {
    const { offset, size } = section(index);
    return size > MAX_SECTION ? Buffer.alloc(0) : read(offset, size);
  };

  const names = await contents(namesIndex);
  for (let index = 0; index < count; index++) {
    const { name } = section(index);
    if (names.toString('latin1', name, names.indexOf(0, name)) !== '.modinfo') continue;
    return (await contents(index))
      .toString('utf8')
      .split('\0')
      .filter((text) => text !== '');
  }
  return undefined;
}
