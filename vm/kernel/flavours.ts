/** Debian's kernel flavours for the architecture of the guests. */
import { hostArchitecture } from '../architecture.ts';

/** The flavour of a spec that names none: a third of the full one's size, and it has all that fathom needs. */
export function defaultFlavour(): string {
  return `cloud-${hostArchitecture().debian}`;
}

export function flavours(): readonly string[] {
  const { debian } = hostArchitecture();
  return [`cloud-${debian}`, debian, `rt-${debian}`];
}
