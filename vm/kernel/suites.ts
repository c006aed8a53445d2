/** The suites of Debian's archives that carry kernels. Which kernels they carry is asked of their index, never listed here. */

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
