/** Programs that need nothing beside them: they run in a guest that has no libraries. */
import { open } from 'node:fs/promises';

/** elf(5): e_phoff, e_phentsize and e_phnum of a 64-bit file, and the type of a segment that names a dynamic loader. */
const PROGRAM_HEADERS_AT = 32;
const ENTRY_SIZE_AT = 54;
const ENTRY_COUNT_AT = 56;
const HEADER_BYTES = 64;
const PT_INTERP = 3;

/** Whether a file is a 64-bit little-endian ELF program without a dynamic loader. Rejects when it cannot be read. */
export async function isStatic(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await handle.read(header, 0, HEADER_BYTES, 0);
    if (bytesRead < HEADER_BYTES || header.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return false;
    const size = header.readUInt16LE(ENTRY_SIZE_AT);
    const table = Buffer.alloc(size * header.readUInt16LE(ENTRY_COUNT_AT));
    const read = await handle.read(table, 0, table.length, Number(header.readBigUInt64LE(PROGRAM_HEADERS_AT)));
    if (table.length === 0 || read.bytesRead < table.length) return false;
    for (let at = 0; at < table.length; at += size) if (table.readUInt32LE(at) === PT_INTERP) return false;
    return true;
  } finally {
    await handle.close();
  }
}
