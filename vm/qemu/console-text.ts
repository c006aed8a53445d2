/** What a guest's console said, however much that is: a kernel can repeat a warning until somebody stops it. */
import type { FileHandle } from 'node:fs/promises';

/** How much is kept of each end, in bytes: a boot's log is a hundredth of it, and both ends of a flood tell of its cause. */
const END_BYTES = 8 * 2 ** 20;

/** The whole, or its beginning and its end, in whole lines, and how much is left out between. */
export async function consoleText(file: FileHandle): Promise<string> {
  const { size } = await file.stat();
  const bytes = size <= 2 * END_BYTES ? await readRange(file, 0, size) : await bothEnds(file, size);
  return bytes.toString('utf8').replaceAll('\r\n', '\n');
}

async function bothEnds(file: FileHandle, size: number): Promise<Buffer> {
  const first = await readRange(file, 0, END_BYTES);
  const last = await readRange(file, size - END_BYTES, END_BYTES);
  const head = first.subarray(0, first.lastIndexOf('\n') + 1 || END_BYTES);
  const tail = last.subarray(last.indexOf('\n') + 1);
  const megabytes = ((size - head.length - tail.length) / 1e6).toFixed(1);
  return Buffer.concat([head, Buffer.from(`[fathom: ${megabytes} MB of the console are left out here]\n`), tail]);
}

async function readRange(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
