/** `fathom cache`: what is kept on disk, and how to be rid of it. */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { CacheEntry, CacheRoom } from '../../vm/cache.ts';
import { CACHE_ROOMS, cacheLimit, cacheRoot, clearCache, listCache } from '../../vm/cache.ts';
import { table } from './table.ts';
import { age, size } from './units.ts';

export function register(program: Command): void {
  const cache = program
    .command('cache')
    .description('list what fathom keeps on disk: kernels, disks, frozen machines')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
It lies in $FATHOM_CACHE, by default ~/.cache/fathom. After a run the least recently used entries are removed until
$FATHOM_CACHE_LIMIT is kept (default 20G).

Examples:
  $ fathom cache
  $ fathom cache clear --room templates --older-than 7`,
    )
    .action(async ({ json }: { json?: true }) => {
      const entries = await listCache();
      process.stdout.write(json ? asJson(entries) : asTable(entries));
    });
  cache
    .command('clear')
    .description('remove entries; those that a running fathom uses are kept')
    .addOption(new Option('--room <room>', 'only this kind').choices(CACHE_ROOMS))
    .option('--older-than <days>', 'only what was not used for so many days', days)
    .addHelpText('after', '\nExample:\n  $ fathom cache clear --room templates')
    .action(async ({ room, olderThan }: { room?: CacheRoom; olderThan?: number }) => {
      const before = olderThan === undefined ? Infinity : Date.now() - olderThan * 86_400_000;
      const chosen = (entry: CacheEntry): boolean =>
        (room === undefined || entry.room === room) && entry.lastUsed.getTime() <= before;
      const { removed, inUse } = await clearCache((entry) => !chosen(entry));
      process.stdout.write(`removed ${count(removed)}, ${size(total(removed))}\n`);
      if (inUse.length > 0) process.stdout.write(`kept ${count(inUse)} that a running fathom uses\n`);
    });
}

function days(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('a number of days is meant.');
  return value;
}

function asTable(entries: readonly CacheEntry[]): string {
  const rows = entries.map(({ room, title, bytes, lastUsed }) => [room, shortened(title), size(bytes), age(lastUsed)]);
  const listed = rows.length === 0 ? '' : table(['room', 'title', 'size', 'last used'], rows, { right: [2] });
  return `${listed}${count(entries)}, ${size(total(entries))} of at most ${size(cacheLimit())}, in ${cacheRoot()}\n`;
}

/** A kernel's title tells all its packages; --json has it whole. */
function shortened(title: string): string {
  return title.length <= 72 ? title : `${title.slice(0, 69)}...`;
}

function asJson(entries: readonly CacheEntry[]): string {
  const report = { v: 1, directory: cacheRoot(), bytes: total(entries), limitBytes: cacheLimit(), entries };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function total(entries: readonly CacheEntry[]): number {
  return entries.reduce((sum, { bytes }) => sum + bytes, 0);
}

function count(entries: readonly CacheEntry[]): string {
  return entries.length === 1 ? '1 entry' : `${entries.length} entries`;
}
