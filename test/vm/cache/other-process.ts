/**
 * Another process, which asks the cache for the entry that its argument names. While it builds it says `building`, then waits
 * for a line on its stdin; with the entry in hand it says `has`, and waits again.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { cached } from '../../../vm/cache.ts';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

await cached({
  room: 'images',
  title: 'other',
  ingredients: process.argv[2],
  build: async (directory) => {
    console.log('building');
    await lines.next();
    await writeFile(path.join(directory, 'made-by'), String(process.pid));
  },
});
console.log('has');
await lines.next();
process.exit();
