/** Kernel versions, as far as default behaviours follow from them. Only profiles read them; rules never do. */

export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** Release candidate number; undefined for a release. */
  readonly rc: number | undefined;
}

/** Whether a version belongs to a series (`6.12`) or a later one; release candidates count as their series. */
export function isSince({ major, minor }: Version, series: string): boolean {
  const [wantedMajor = 0, wantedMinor = 0] = series.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** `6.17.13`, `6.19-rc4`. */
export function versionText({ major, minor, patch, rc }: Version): string {
  return rc === undefined ? `${major}.${minor}.${patch}` : `${major}.${minor}-rc${rc}`;
}
