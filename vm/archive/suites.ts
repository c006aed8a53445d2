/**
 * The suites of Debian's archives that carry kernels and tools. Which ones they carry is asked of their index, never
 * listed here.
 */

export interface Suite {
  readonly name: string;
  readonly archive: 'main' | 'security';
}

/** Oldest first. One that a mirror lacks is skipped with a note. */
export const SUITES: readonly Suite[] = [
  { name: 'bullseye', archive: 'main' },
  { name: 'bullseye-security', archive: 'security' },
  { name: 'bookworm', archive: 'main' },
  { name: 'bookworm-backports', archive: 'main' },
  { name: 'bookworm-security', archive: 'security' },
  { name: 'trixie', archive: 'main' },
  { name: 'trixie-backports', archive: 'main' },
  { name: 'trixie-security', archive: 'security' },
  { name: 'sid', archive: 'main' },
  { name: 'experimental', archive: 'main' },
];

/** A suite and the one that its packages depend on: backports and updates go on top of a release, experimental of sid. */
export function suitesBelow(name: string): readonly Suite[] {
  const base = name === 'experimental' ? 'sid' : name.replace(/-(?:backports|security)$/, '');
  return SUITES.filter((suite) => suite.name === name || suite.name === base);
}
