/** Changes of the model and of a kernel side by side: what a kernel says of the same mounts, and where it differs. */
import { digest } from '../../../../harness/run/digest.ts';
import { qemu } from '../../../../harness/run/backend.ts';
import { CORE_MODULES, shapeOf } from '../../../../harness/run/groups.ts';
import type { Behaviours } from '../../../../harness/model/behaviour.ts';
import { profileOf } from '../../../../harness/model/profile.ts';
import { Trees, type ExpectedEntry, type ShownEntry } from '../../../../harness/model/tree/trees.ts';
import { mount, scenario } from '../../../../harness/scenario.ts';
import { lower, needsOf } from '../../../../harness/topology/lower.ts';
import type { OverlayMount } from '../../../../harness/topology/topology.ts';
import {
  diskDevice,
  type Change,
  type Kernel,
  type Operation,
  type PlanStep,
  type StepResult,
  type Template,
} from '../../../../vm/machine.ts';
import { version } from '../kernels.ts';
import type { Graph } from './graphs.ts';

const DEADLINE_MS = 120_000;
const { signal } = new AbortController();
const onProgress = () => undefined;

export interface Side {
  readonly kernel: Kernel;
  readonly template: Template;
  readonly behaviours: Behaviours;
}

/** A kernel with the disks' slots that every graph needs. */
export async function boot(spec: string): Promise<Side> {
  const kernel = await qemu.findKernel(spec, { replace: {}, mirror: undefined, signal, onProgress });
  const shape = shapeOf([], CORE_MODULES);
  const template = await qemu.prepareTemplate({ kernel, shape, accelerator: 'auto', fresh: false, signal, onProgress });
  const release = /^\d+\.\d+(?:\.\d+)?/.exec(kernel.release)![0];
  return { kernel, template, behaviours: profileOf({ version: version(release), config: kernel.config }).behaviours };
}

/** Does the changes to the last overlay, each followed by listings, and says where model and kernel part. */
export async function compare(side: Side, graph: Graph, changes: readonly Change[]): Promise<readonly string[]> {
  const declared = scenario({
    name: 'comparison',
    shows: '',
    about: [],
    steps: graph.overlays.map((overlay, index) => mount(`overlay ${index}`, overlay)),
  });
  const { disks } = needsOf(declared);
  const built = await Promise.all(disks.map((disk) => qemu.buildDisk(disk, { signal })));
  await using machine = await side.template.clone(built, { signal });
  const plan = lower(declared, {
    id: 'comparison',
    device: (index) => diskDevice(index, 'virtio-blk'),
    deadlineMs: DEADLINE_MS,
  });
  const { steps, over, upper } = withChanges(plan.steps, graph, changes);
  const outcome = await machine.run({ ...plan, steps }, { signal });
  if (outcome.kind !== 'completed')
    return [`the run ended: ${JSON.stringify({ ...outcome, transcript: [] }).slice(0, 2000)}`];
  const results = new Map(outcome.results.map((result) => [result.step, result]));
  return disagreements(side, graph, changes, results, { over, upper });
}

interface Places {
  readonly over: string;
  readonly upper: string;
}

/** The plan with `before` right after the disks are mounted, and the changes at the end. */
function withChanges(
  planned: readonly PlanStep[],
  graph: Graph,
  changes: readonly Change[],
): Places & { readonly steps: PlanStep[] } {
  const target = (index: number) => {
    const { operation } = planned.find(({ id }) => id === `overlay ${index}`)!;
    return operation.op === 'mount' ? operation : undefined;
  };
  const top = target(graph.overlays.length - 1)!;
  const upper = /upperdir=([^,]+)/.exec(top.data)![1]!;
  const step = (id: string, operation: Operation): PlanStep => ({ id, needs: [], deadlineMs: DEADLINE_MS, operation });
  const steps = [...planned];
  const firstOverlay = steps.findIndex(({ id }) => id === 'overlay 0');
  const diskOf = (index: number) => {
    const { change } = graph.before[index]!;
    const lowerdir = /lowerdir=([^,:]+)\/low/.exec(target(0)!.data)![1]!;
    return step(`before ${index}`, { op: 'change', change: absolute(change, lowerdir) });
  };
  steps.splice(firstOverlay, 0, ...graph.before.map((_one, index) => diskOf(index)));
  steps.push(...listings('start', { over: top.target, upper }, step));
  changes.forEach((change, index) => {
    steps.push(step(`change ${index}`, { op: 'change', change: absolute(change, top.target) }));
    steps.push(...listings(String(index), { over: top.target, upper }, step));
  });
  return { over: top.target, upper, steps };
}

function listings(
  name: string,
  { over, upper }: Places,
  step: (id: string, operation: Operation) => PlanStep,
): readonly PlanStep[] {
  return [step(`merged ${name}`, { op: 'tree', path: over }), step(`upper ${name}`, { op: 'tree', path: upper })];
}

function absolute(change: Change, root: string): Change {
  const path = `${root}/${change.path}`;
  return 'to' in change ? { ...change, path, to: `${root}/${change.to}` } : { ...change, path };
}

function disagreements(
  side: Side,
  graph: Graph,
  changes: readonly Change[],
  results: ReadonlyMap<string, StepResult>,
  _places: Places,
): readonly string[] {
  const trees = new Trees(side.behaviours);
  const over: OverlayMount = graph.overlays.at(-1)!;
  for (const { on, change } of graph.before) trees.apply(on, change);
  for (const overlay of graph.overlays) trees.knows(overlay);
  const numbers = new Numbers();
  const found: string[] = [];
  const say = (where: string, what: readonly string[]) => found.push(...what.map((each) => `${where}: ${each}`));
  const compareListings = (name: string) => {
    const merged = trees.list(over, '');
    if (merged?.kind === 'listed')
      say(`merged ${name}`, numbers.differences(merged.entries, entriesOf(results, `merged ${name}`)));
    say(`upper ${name}`, numbers.differences(trees.listUpper(over) ?? [], entriesOf(results, `upper ${name}`)));
  };
  compareListings('start');
  changes.forEach((change, index) => {
    if (found.length > 0) return;
    const applied = trees.apply(over, change);
    const result = results.get(`change ${index}`);
    // A device was opened: that is its driver's business.
    if (applied === undefined) return;
    const expected = applied.kind === 'refused' ? applied.errno : 'ok';
    const observed = result === undefined ? 'no answer' : result.ok ? 'ok' : (result.errno ?? '?');
    const described = `change ${index} ${JSON.stringify(change)}`;
    const loud =
      result?.messages.filter(({ level, facility }) => level <= 4 && facility === 0).map(({ text }) => text) ?? [];
    if (expected !== observed)
      found.push(`${described}: expected ${expected}, and the kernel: ${observed} (${result?.call ?? ''})`);
    else if (loud.length > 0 && applied.kind !== 'refused')
      found.push(`${described}: the kernel said ${loud.join('; ')}`);
    else compareListings(String(index));
    if (found.length > 0) found.push(`after ${described}`);
  });
  return found;
}

type Entry = NonNullable<StepResult['entries']>[number];

function entriesOf(results: ReadonlyMap<string, StepResult>, step: string): readonly Entry[] {
  return results.get(step)?.entries ?? [];
}

/** Numbers of the kernel by the model's names for them. */
class Numbers {
  readonly #devices = new Map<string, string>();
  readonly #inodes = new Map<string, string>();
  /** Of the present listing: a filesystem gives the number of what was removed on. */
  #taken = new Map<string, string>();

  differences(expected: readonly ExpectedEntry[], observed: readonly Entry[]): readonly string[] {
    this.#taken = new Map();
    const seen = new Map(
      observed.filter(({ path }) => !path.startsWith('.fathom')).map((entry) => [entry.path, entry]),
    );
    const found: string[] = [];
    for (const entry of expected) {
      const there = seen.get(entry.path);
      seen.delete(entry.path);
      if (there === undefined) found.push(`${entry.path} is missing`);
      else if (entry.kind === 'lost') {
        if (there.errno !== entry.errno)
          found.push(`${entry.path}: errno ${there.errno ?? 'none'}, not ${entry.errno}`);
      } else found.push(...this.#fields(entry, there).map((field) => `${entry.path}: ${field}`));
    }
    for (const path of seen.keys()) found.push(`${path} is too much`);
    return found;
  }

  #fields(expected: ShownEntry, there: Entry): readonly string[] {
    const found: string[] = [];
    const field = (name: string, wanted: string | number | undefined, is: string | number | undefined) => {
      if (wanted !== undefined && wanted !== is) found.push(`${name} ${is ?? 'none'}, not ${wanted}`);
    };
    field('type', expected.type, there.type);
    field('mode', expected.mode.toString(8), there.mode.toString(8));
    for (const name of ['uid', 'gid', 'sizeBytes', 'nlink', 'mtimeNs', 'rdev', 'target'] as const)
      field(name, expected[name], there[name]);
    if (expected.contents !== undefined) field('sha256', digest(expected.contents), there.sha256);
    field('errno', expected.unreadable?.errno ?? 'none', there.errno ?? 'none');
    for (const [name, { presence, hex }] of expected.xattrs) {
      const value = there.xattrs[name];
      if (value === undefined && presence === 'required') found.push(`no ${name}`);
      if (value !== undefined) field(name, hex, value);
    }
    for (const name of Object.keys(there.xattrs)) if (!expected.xattrs.has(name)) found.push(`${name} is too much`);
    found.push(...this.#numbers(expected, there));
    return found;
  }

  #numbers({ device, inode }: ShownEntry, there: Entry): readonly string[] {
    if (device === undefined) return [];
    const found = stays(this.#devices, device, there.device);
    const holder = [...this.#devices].find(([other, number]) => other !== device && number === there.device);
    if (holder !== undefined) found.push(`${device} has the number of ${holder[0]}: ${there.device}`);
    if (inode === undefined) return found;
    const [name, number] = [`${device} ${inode}`, `${there.device} ${there.inode}`];
    found.push(...stays(this.#inodes, name, number));
    const other = this.#taken.get(number) ?? name;
    if (other !== name) found.push(`${name} has the number of ${other}: ${number}`);
    this.#taken.set(number, name);
    return found;
  }
}

/** One name, one number. */
function stays(known: Map<string, string>, name: string, number: string): string[] {
  const before = known.get(name) ?? number;
  known.set(name, number);
  return before === number ? [] : [`${name} was ${before} and is ${number}`];
}
