/**
 * What of the evidence of one kernel and scenario makes it judgeable without a kernel: `bundle.json`, version 1, beside
 * the plan, the transcript, the console and the verdicts that were given.
 *
 * The scenario is in it as a graph, so that a bundle from a scenario file of the user's own, or of one that has changed
 * since, means what it meant. What the agent answered is in the transcript only.
 */
import { stringify, unflatten } from 'devalue';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { agentLine, kernelMessage, plan as planSchema } from '../../vm/agent/protocol.ts';
import {
  HarnessError,
  UnsupportedError,
  UsageError,
  type Kernel,
  type Plan,
  type RunOutcome,
  type StepResult,
} from '../../vm/machine.ts';
import { PROFILE_NAMES, type KernelFacts, type Profile } from '../model/profile.ts';
import { stepRecord, type StepRecord } from '../report/results.ts';
import type { Scenario } from '../scenario.ts';
import { validateScenario } from '../topology/validate.ts';
import type { Traces } from './evidence.ts';

export const BUNDLE_VERSION = 1;
export const BUNDLE_FILE = 'bundle.json';

/**
 * The options of a kernel's configuration that are kept, by how they begin: those that a model of these filesystems can
 * ask about. Of an option that begins so and is not there it is known that it was not set.
 */
const CONFIG_AREAS = [
  'BLK_DEV_',
  'BTRFS_',
  'CACHEFILES',
  'DAX',
  'DM_',
  'ECRYPT_',
  'EROFS_',
  'EXT4_',
  'FSCACHE',
  'FS_',
  'FUSE_',
  'NETFS_',
  'OVERLAY_',
  'SHMEM',
  'STACK',
  'THREAD',
  'TMPFS',
  'UNICODE',
  'USER_NS',
  'VMAP_STACK',
  'XFS_',
];

const outcome = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('completed'), leftovers: z.array(z.string()), strays: z.array(kernelMessage) }),
  z.strictObject({
    kind: z.literal('crashed'),
    step: z.string().optional(),
    title: z.string(),
    consoleTail: z.string(),
  }),
  z.strictObject({ kind: z.literal('hung'), step: z.string().optional(), where: z.string(), consoleTail: z.string() }),
  z.strictObject({
    kind: z.literal('lost'),
    step: z.string().optional(),
    reason: z.string(),
    consoleTail: z.string(),
  }),
]);

/** As devalue writes it: a list in which objects name each other by their place. */
const flattened = z.array(z.unknown()).min(1);

const bundleFile = z.strictObject({
  v: z.literal(BUNDLE_VERSION),
  type: z.literal('fathom bundle'),
  /** The version that recorded it. */
  fathom: z.string(),
  recordedAt: z.iso.datetime(),
  scenario: z.string(),
  graph: flattened,
  kernel: z.strictObject({
    spec: z.string(),
    release: z.string(),
    version: z.strictObject({
      major: z.number().int(),
      minor: z.number().int(),
      patch: z.number().int(),
      rc: z.number().int().optional(),
    }),
    origin: z.string(),
    /** Modules that the user replaced. */
    replaced: z.array(z.string()),
    accelerator: z.string().optional(),
    configAreas: z.array(z.string()),
    config: z.record(z.string(), z.string()),
  }),
  profile: z.strictObject({
    name: z.enum(PROFILE_NAMES),
    origin: z.string(),
    /** `version`: what the model made of the kernel's version; another model may make something else of it. */
    by: z.enum(['version', 'name', 'experiment']),
    behaviours: flattened,
  }),
  outcome,
});
type BundleFile = z.infer<typeof bundleFile>;

export interface Bundle {
  /** Where it was read from. */
  readonly directory: string;
  readonly fathom: string;
  readonly recordedAt: string;
  readonly kernel: BundleFile['kernel'];
  /** What a profile is made from. Asking for an option that the bundle does not know throws UnsupportedError. */
  readonly facts: KernelFacts;
  readonly profile: Profile & { readonly by: BundleFile['profile']['by'] };
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly outcome: RunOutcome;
  readonly console: string;
  /** What was judged of it when it was recorded. */
  readonly recorded: readonly StepRecord[];
}

/** What is to be written as `bundle.json`. */
export function bundleOf(of: {
  readonly fathom: string;
  readonly recordedAt: Date;
  readonly scenario: Scenario;
  readonly kernel: Kernel;
  readonly replaced: readonly string[];
  readonly accelerator: string | undefined;
  readonly profile: Profile;
  readonly by: BundleFile['profile']['by'];
  readonly outcome: Traces['outcome'];
}): object {
  const { kernel, profile } = of;
  // What the transcript holds is not told twice.
  const { results: _results, transcript: _transcript, ...end } = of.outcome;
  return {
    v: BUNDLE_VERSION,
    type: 'fathom bundle',
    fathom: of.fathom,
    recordedAt: of.recordedAt.toISOString(),
    scenario: of.scenario.name,
    graph: flatten(of.scenario),
    kernel: {
      spec: kernel.spec,
      release: kernel.release,
      version: kernel.version,
      origin: kernel.origin,
      replaced: [...of.replaced],
      accelerator: of.accelerator,
      configAreas: CONFIG_AREAS,
      config: Object.fromEntries([...kernel.config].filter(([option]) => isIn(CONFIG_AREAS, option))),
    },
    profile: { name: profile.name, origin: profile.origin, by: of.by, behaviours: flatten(profile.behaviours) },
    outcome: end,
  };
}

/**
 * Reads a bundle. Throws UsageError where there is none, UnsupportedError for one of a version that is not known, and
 * HarnessError for one that is not whole or contradicts itself.
 */
export async function readBundle(directory: string): Promise<Bundle> {
  const file = path.join(directory, BUNDLE_FILE);
  const told = json(await textOf(file), file);
  refuseOtherVersions(told, file);
  const read = parsed(bundleFile, told, file);
  const planFile = path.join(directory, 'plan.json');
  const plan = parsed(planSchema, json(await textOf(planFile), planFile), planFile);
  const { graph, profile, kernel, ...rest } = read;
  const scenario = scenarioIn(graph, rest.scenario, plan, file);
  const transcriptFile = path.join(directory, 'transcript.jsonl');
  const transcript = (await textOf(transcriptFile)).split('\n').filter((line) => line !== '');
  const results = resultsIn(transcript, plan, transcriptFile);
  const recordedFile = path.join(directory, 'results.json');
  return {
    directory,
    fathom: rest.fathom,
    recordedAt: rest.recordedAt,
    kernel,
    facts: { version: { ...kernel.version, rc: kernel.version.rc }, config: knownOptions(kernel, file) },
    profile: { ...profile, behaviours: unflattened(profile.behaviours, file) as Profile['behaviours'] },
    scenario,
    plan,
    outcome: { ...definedOnly(rest.outcome), results, transcript } as RunOutcome,
    console: await textOf(path.join(directory, 'console.log')),
    recorded: parsed(z.array(stepRecord), json(await textOf(recordedFile), recordedFile), recordedFile),
  };
}

/** Another version is told as that, and not as whatever else is strange in it. */
function refuseOtherVersions(told: unknown, file: string): void {
  const head = z.looseObject({ v: z.unknown(), type: z.unknown() }).safeParse(told);
  if (!head.success || head.data.type !== 'fathom bundle') throw new HarnessError(`${file} is no bundle of fathom's`);
  if (head.data.v !== BUNDLE_VERSION)
    throw new UnsupportedError(`bundles of version ${String(head.data.v)}`, {
      message: `${file} has version ${String(head.data.v)}, and this fathom reads ${BUNDLE_VERSION}`,
      remedy: 'replay it with the fathom that recorded it, or a newer one',
    });
}

/** The agent's answers, as the plan asks for them: each step once at most, in order. */
function resultsIn(transcript: readonly string[], plan: Plan, file: string): readonly StepResult[] {
  const results: StepResult[] = [];
  for (const [index, line] of transcript.entries()) {
    if (!line.startsWith('< ')) continue;
    // What was garbage when it came ended the run, which the outcome tells.
    const answer = agentLine.safeParse(jsonOrNothing(line.slice(2)));
    if (!answer.success || answer.data.type !== 'result') continue;
    const expected = plan.steps[results.length]?.id;
    if (answer.data.step !== expected)
      throw new HarnessError(
        `${file}, line ${index + 1}: an answer to "${answer.data.step}", and the plan's next is "${expected ?? 'none'}"`,
      );
    results.push(answer.data);
  }
  return results;
}

function scenarioIn(graph: readonly unknown[], name: string, plan: Plan, file: string): Scenario {
  const scenario = unflattened(graph, file) as Scenario;
  try {
    validateScenario(scenario);
  } catch (cause) {
    throw new HarnessError(`${file}: its scenario is not understood: ${messageOf(cause)}`, { cause });
  }
  const planned = new Set(plan.steps.map(({ id }) => id));
  const missing = scenario.steps.find((step) => !planned.has(step.name));
  if (scenario.name !== name) throw new HarnessError(`${file}: its scenario is "${scenario.name}", and not "${name}"`);
  if (missing !== undefined)
    throw new HarnessError(`${file}: the scenario's step "${missing.name}" is not in the plan beside it`);
  return scenario;
}

function knownOptions({ config, configAreas }: BundleFile['kernel'], file: string): ReadonlyMap<string, string> {
  const options = new Map(Object.entries(config));
  const get = options.get.bind(options);
  options.get = (option) => {
    if (!isIn(configAreas, option))
      throw new UnsupportedError(`CONFIG_${option}`, {
        message: `the model asks for CONFIG_${option}, which ${file} does not tell`,
        remedy: 'record it again with this fathom, or judge it by --profile recorded',
      });
    return get(option);
  };
  return options;
}

function isIn(areas: readonly string[], option: string): boolean {
  return areas.some((area) => option.startsWith(area));
}

function flatten(value: unknown): unknown {
  return JSON.parse(stringify(value));
}

function unflattened(list: readonly unknown[], file: string): unknown {
  try {
    return unflatten([...list]);
  } catch (cause) {
    throw new HarnessError(`${file} is not whole: ${messageOf(cause)}`, { cause });
  }
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new HarnessError(`${file} is not as it must be:\n${z.prettifyError(result.error)}`);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (path.basename(file) === BUNDLE_FILE) throw new UsageError(`there is no bundle: ${messageOf(cause)}`, { cause });
    throw new HarnessError(`the bundle is not whole: ${messageOf(cause)}`, { cause });
  }
}

function json(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HarnessError(`${file} is no JSON: ${messageOf(cause)}`, { cause });
  }
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `step: undefined` and no `step` are the same to a judge, and not to exact types. */
function definedOnly<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
