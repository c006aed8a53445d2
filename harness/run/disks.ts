/** The disks of a scenario: the same for all kernels, so looked up once. */
import type { BuiltDisk } from '../../vm/machine.ts';
import type { Scenario } from '../scenario.ts';
import { needsOf } from '../topology/lower.ts';
import type { Backend } from './backend.ts';

const known = new WeakMap<Backend, WeakMap<Scenario, Promise<readonly BuiltDisk[]>>>();

/** In the order of `needsOf`. Throws what the backend's buildDisk throws. */
export async function disksFor(
  scenario: Scenario,
  backend: Backend,
  signal: AbortSignal,
): Promise<readonly BuiltDisk[]> {
  const ofBackend = known.get(backend) ?? new WeakMap<Scenario, Promise<readonly BuiltDisk[]>>();
  known.set(backend, ofBackend);
  const found = ofBackend.get(scenario);
  if (found !== undefined) return found;
  const building = Promise.all(needsOf(scenario).disks.map((disk) => backend.buildDisk(disk, { signal })));
  ofBackend.set(scenario, building);
  // An abort, or a program that is installed meanwhile, must not stay remembered.
  building.catch(() => ofBackend.delete(scenario));
  return building;
}
