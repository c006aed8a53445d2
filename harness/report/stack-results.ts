/** What `fathom stack` says of tables as data, version 1: what `--json` prints. Sizes and depths are in bytes. */
import * as z from 'zod';
import type { StackDiff } from '../stack/diff.ts';
import type { Explanation } from '../stack/explain.ts';
import type { AccountCost } from '../stack/cost.ts';
import type { Attributed } from '../stack/layers.ts';
import { LAYERS } from '../stack/layer-table.ts';
import { compared, type Compared } from './compared-figure.ts';

export const STACK_REPORT_VERSION = 1;

const layer = z.enum(LAYERS);
const bytes = z.number().int();

const frame = z.strictObject({
  index: z.number().int(),
  depthBytes: bytes,
  sizeBytes: bytes,
  /** As the kernel printed it; `function` is the same without offset and the compiler's suffixes. */
  location: z.string(),
  function: z.string(),
  module: z.string().optional(),
  /** Whose code it is, and on whose account it runs: docs/stack.md. */
  layer,
  account: z.string(),
  /** Why it is of this layer. */
  why: z.string(),
  incidental: z.boolean(),
});

const account = z.strictObject({
  name: z.string(),
  kind: layer,
  bytes,
  frames: z.number().int(),
  /** The same bytes by whose code they are. */
  layers: z.partialRecord(layer, bytes),
});

export const explained = z.strictObject({
  file: z.string(),
  /** Where the table begins in it, from 1. */
  line: z.number().int(),
  damage: z.array(z.strictObject({ line: z.number().int(), what: z.string() })),
  threadSizeBytes: bytes,
  peakBytes: bytes,
  /** Without what is incidental. */
  pathBytes: bytes,
  /** And without the allocator and reclaim at the top of the path. */
  pathWithoutMemoryBytes: bytes,
  headroomBytes: bytes,
  /** Of frames that are missing from the table. */
  unaccountedBytes: bytes,
  /** Of the first line's bytes, those that the tracer itself pushed. */
  tracerShareBytes: bytes,
  /** What came upon the path by chance. */
  incidental: z
    .strictObject({ kind: z.enum(['interrupt', 'scheduler', 'tracer']), bytes, accounts: z.array(account) })
    .optional(),
  /** Of the path, from the system call down. */
  accounts: z.array(account),
  oneMoreOverlay: z
    .strictObject({
      bytes,
      operation: z.string(),
      functions: z.array(z.strictObject({ name: z.string(), bytes })),
      seen: z.number().int(),
    })
    .optional(),
  /** Deepest first, as in the tracer's table. */
  frames: z.array(frame),
});

const change = z.strictObject({
  kind: z.enum(['same', 'gained', 'lost', 'grown', 'shrunk']),
  bytes,
  own: z.boolean(),
  before: z.number().int().optional().describe('index of the frame in the table before'),
  after: z.number().int().optional().describe('index of the frame in the table after'),
});

const head = { v: z.literal(STACK_REPORT_VERSION), fathom: z.string() };

export const stackReport = z.discriminatedUnion('kind', [
  z.strictObject({ ...head, kind: z.literal('explain'), tables: z.array(explained) }),
  z.strictObject({
    ...head,
    kind: z.literal('diff'),
    before: explained,
    after: explained,
    /** What of the difference of the peaks the path's own frames make, and what the rest. */
    ownBytes: bytes,
    incidentalBytes: bytes,
    accounts: z.array(z.strictObject({ name: z.string(), beforeBytes: bytes, afterBytes: bytes })),
    changes: z.array(change),
    /** Where both were measured for this, what of; their most frequent paths are what is compared. */
    measured: z.strictObject({ before: compared, after: compared }).optional(),
  }),
]);
export type StackReport = z.infer<typeof stackReport>;

/** An explanation and where its table came from. */
export interface Named {
  readonly file: string;
  readonly explanation: Explanation;
}

export function explainReport(tables: readonly Named[], fathom: string): StackReport {
  return stackReport.parse({ v: STACK_REPORT_VERSION, fathom, kind: 'explain', tables: tables.map(tableRecord) });
}

export function diffReport(
  before: string,
  after: string,
  found: StackDiff,
  fathom: string,
  measured?: { readonly before: Compared; readonly after: Compared },
): StackReport {
  return stackReport.parse({
    v: STACK_REPORT_VERSION,
    fathom,
    kind: 'diff',
    before: tableRecord({ file: before, explanation: found.before }),
    after: tableRecord({ file: after, explanation: found.after }),
    ownBytes: found.ownBytes,
    incidentalBytes: found.incidentalBytes,
    accounts: found.accounts,
    changes: found.changes.map(({ kind, bytes, own, before, after }) => ({
      kind,
      bytes,
      own,
      before: before?.frame.index,
      after: after?.frame.index,
    })),
    ...(measured === undefined ? {} : { measured }),
  });
}

export function tableRecord({ file, explanation }: Named): z.infer<typeof explained> {
  const { table, peakBytes, pathBytes, chance, incidentalAccounts, oneMoreOverlay } = explanation;
  return {
    file,
    line: table.line,
    damage: [...table.damage],
    threadSizeBytes: explanation.threadSizeBytes,
    peakBytes,
    pathBytes,
    pathWithoutMemoryBytes: explanation.withoutMemoryBytes,
    headroomBytes: explanation.headroomBytes,
    unaccountedBytes: explanation.unaccountedBytes,
    tracerShareBytes: explanation.tracerShareBytes,
    ...(chance === undefined
      ? {}
      : {
          incidental: {
            kind: chance,
            bytes: peakBytes - pathBytes,
            accounts: incidentalAccounts.map((cost) => accountRecord(cost)),
          },
        }),
    accounts: explanation.accounts.map((cost) => accountRecord(cost)),
    ...(oneMoreOverlay === undefined
      ? {}
      : { oneMoreOverlay: { ...oneMoreOverlay, functions: [...oneMoreOverlay.functions] } }),
    frames: explanation.frames.map((one, i) => frameRecord(one, i < explanation.incidental)),
  };
}

function accountRecord({ account: { name, kind }, bytes, frames, layers }: AccountCost): z.infer<typeof account> {
  return { name, kind, bytes, frames, layers: Object.fromEntries(layers) };
}

function frameRecord({ frame: one, layer, account, why }: Attributed, incidental: boolean): z.infer<typeof frame> {
  const { index, depth, size, location, name, module } = one;
  return {
    index,
    depthBytes: depth,
    sizeBytes: size,
    location,
    function: name,
    ...(module === undefined ? {} : { module }),
    layer,
    account: account.name,
    why,
    incidental,
  };
}
