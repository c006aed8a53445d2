/** What machines cost in memory. */
import { readFile } from 'node:fs/promises';
import { execa } from 'execa';

/**
 * The memory that these QEMUs take together, in bytes: the proportional set size of all that they map
 * (/proc/PID/smaps, Documentation/filesystems/proc.rst), and, once, the page cache of the RAM files that they are
 * copies of. Of a RAM file's mapping only what a guest has written counts for itself.
 */
export async function memoryOf(pids: readonly number[]): Promise<number> {
  const mappings = (
    await Promise.all(pids.map(async (pid) => parseMappings(await readFile(`/proc/${pid}/smaps`, 'utf8'))))
  ).flat();
  const ramFiles = new Set(mappings.filter(isRam).map(({ file }) => file));
  const mapped = mappings.reduce(
    (sum, mapping) => sum + (isRam(mapping) ? mapping.anonymousBytes : mapping.pssBytes),
    0,
  );
  const cached = await Promise.all([...ramFiles].map(pageCacheOf));
  return cached.reduce((sum, bytes) => sum + bytes, mapped);
}

/** The proportional set size of one process in bytes: its own pages, and its share of those that it shares. */
export async function proportionalSetSize(pid: number): Promise<number> {
  const mappings = parseMappings(await readFile(`/proc/${pid}/smaps`, 'utf8'));
  return mappings.reduce((sum, { pssBytes }) => sum + pssBytes, 0);
}

export interface Mapping {
  readonly file: string;
  readonly permissions: string;
  readonly pssBytes: number;
  /** Pages that are no longer the file's. */
  readonly anonymousBytes: number;
}

/** /proc/PID/smaps. */
export function parseMappings(smaps: string): readonly Mapping[] {
  return smaps
    .split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
    .filter((block) => block !== '')
    .map((block) => {
      const [, permissions = '', file = ''] = /^\S+ (\S+) \S+ \S+ \d+ *(.*)$/m.exec(block) ?? [];
      const kilobytes = (field: string): number =>
        Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(block)?.[1] ?? 0);
      return { file, permissions, pssBytes: kilobytes('Pss') * 1024, anonymousBytes: kilobytes('Anonymous') * 1024 };
    });
}

/** A template's RAM in a clone: private, writable, and a file named so by frozen.ts. */
function isRam({ file, permissions }: Mapping): boolean {
  return permissions === 'rw-p' && file.endsWith('/ram');
}

async function pageCacheOf(file: string): Promise<number> {
  const { stdout } = await execa('fincore', ['--bytes', '--noheadings', '--output', 'RES', file]);
  return Number(stdout);
}
