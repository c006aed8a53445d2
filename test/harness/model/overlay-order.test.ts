/** O45, O46: whatever an overlay is given, the model has an answer, and of two faults the one that is asked for first speaks. */
import fc from 'fast-check';
import t from 'tap';
import type { Behaviours } from '../../../harness/model/behaviour.ts';
import { predict } from '../../../harness/model/predict.ts';
import type { Prediction } from '../../../harness/model/prediction.ts';
import { OVERLAY_ORDER } from '../../../harness/model/rules/overlay.ts';
import { mount, unmount, type MountApi, type MountStep, type Scenario, type Step } from '../../../harness/scenario.ts';
import {
  bind,
  directory,
  directoryIn,
  disk,
  machine,
  newDirectory,
  overlay,
  ramfs,
  text,
  tmpfs,
} from '../../../harness/topology/builders.ts';
import type { DirectoryIn, LowerPiece, OverlayParameter } from '../../../harness/topology/topology.ts';
import { validateScenario } from '../../../harness/topology/validate.ts';
import { lowerdir, option, upperdir, workdir, writtenOverlay } from '../../../harness/topology/written-overlay.ts';
import { behavioursOf, brief } from './kernels.ts';

const VERSIONS = ['5.10.262', '6.1.192', '6.12.57', '6.12.117', '6.16.12', '6.17.13', '6.18.9', '7.0.13', '7.2.12'];
const KERNELS = [...VERSIONS, '7.3.4'].map((version) => behavioursOf(version));
const kernels = fc.constantFrom(...KERNELS);

const root = disk('xfs', { a: directory({ deep: directory({}) }), b: directory({}), file: text('file\n') });
const first = overlay({ lower: root, upper: root });
const second = overlay({ lower: first, upper: root });
const readOnly = bind(root, { readOnly: true });
const unbindable = bind(root, { unbindable: true });
const memory = tmpfs({ casefold: 'utf8' });
const poor = ramfs();
const BELOW: readonly Step[] = [first, second, readOnly, unbindable].map((each, index) =>
  mount(`below ${index}`, each),
);

const a = directoryIn(root, 'a');
const PLACES: readonly DirectoryIn[] = [
  ...['a', 'a/deep', 'b', 'file', 'nowhere', ''].map((path) => directoryIn(root, path)),
  ...[first, second, readOnly, unbindable, memory, poor, machine].map((on) => directoryIn(on, '')),
  ...[directoryIn(machine, 'proc/sys/kernel'), directoryIn(machine, 'proc/fs')],
  ...['u', 'u/in', 'w'].map((path) => newDirectory(root, path)),
  ...[newDirectory(memory, 'plain'), newDirectory(memory, 'folded', 'casefolded'), newDirectory(poor, 'u')],
];

const places = fc.constantFrom(...PLACES);
const piece: fc.Arbitrary<LowerPiece> = fc.oneof(
  { weight: 4, arbitrary: places },
  { weight: 4, arbitrary: fc.constant(':' as const) },
  fc.constantFrom('::' as const, ':::' as const, '\\' as const),
);
const WORDS = ['on', 'off', 'follow', 'nofollow', 'auto', 'require', 'volatile', 'strict', 'null', 'nonsense'];
const KEYS = ['metacopy', 'redirect_dir', 'index', 'nfs_export', 'xino', 'verity', 'uuid', 'fsync', 'no_such_option'];
const FLAGS = ['volatile', 'userxattr', 'default_permissions', 'override_creds', 'nooverride_creds', 'no_such_flag'];
const parameter: fc.Arbitrary<OverlayParameter> = fc.oneof(
  fc.array(piece, { maxLength: 6 }).map((pieces) => lowerdir(...pieces)),
  fc.record({
    kind: fc.constant('layer' as const),
    key: fc.constantFrom('lowerdir+' as const, 'datadir+' as const, 'upperdir' as const, 'workdir' as const),
    directory: places,
    as: fc.constantFrom('path' as const, 'path' as const, 'descriptor' as const),
  }),
  fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom(...WORDS)).map(([key, value]) => option(key, value)),
  fc.constantFrom(...FLAGS).map((flag) => option(flag)),
);
interface Attempted {
  readonly parameters: readonly OverlayParameter[];
  readonly api: MountApi;
  readonly by: MountStep['by'];
}
const attempt: fc.Arbitrary<Attempted> = fc.record({
  parameters: fc.array(parameter, { maxLength: 8 }),
  api: fc.constantFrom('mount' as const, 'fsopen' as const),
  by: fc.constantFrom('init' as const, 'init' as const, 'user-namespace' as const, 'foreign-context' as const),
});

/** Some overlays one after the other, each unmounted at once or left. */
function scenarioOf(attempts: readonly Attempted[], leave: boolean): Scenario {
  const steps = attempts.flatMap(({ parameters, api, by }, index): readonly Step[] => {
    const made = writtenOverlay(...parameters);
    const step = mount(`${index}`, made, { api, by });
    return leave || by !== 'init' ? [step] : [step, unmount(`unmount ${index}`, made)];
  });
  return { name: 'test', shows: '', about: [], steps: [...BELOW, ...steps] };
}

t.test('given any parameters, then the model has an answer, and it is one that it can give', (t) => {
  const refusals = new Set<string>();
  fc.assert(
    fc.property(fc.array(attempt, { minLength: 1, maxLength: 4 }), fc.boolean(), kernels, (attempts, leave, kernel) => {
      const whole = scenarioOf(attempts, leave);
      validateScenario(whole);
      const known = new Set<string>(OVERLAY_ORDER[kernel.overlayOptions].flatMap(({ rules }) => rules));
      return predict(whole, kernel)
        .slice(BELOW.length)
        .every(({ prediction }) => {
          if (prediction.kind === 'refused') refusals.add(prediction.rule);
          return prediction.kind !== 'refused' ? isSound(prediction) : known.has(prediction.rule);
        });
    }),
    { numRuns: 4000 },
  );
  // The generator is worth something: it meets most of what there is.
  t.ok(refusals.size > 20, `rules met: ${[...refusals].sort().join(' ')}`);
  t.end();
});

function isSound(prediction: Prediction): boolean {
  return prediction.kind === 'unreachable' || (prediction.kind === 'ok' && (prediction.depth ?? 1) <= 2);
}

const at = (path: string) => newDirectory(root, path);

interface Parts {
  readonly lower?: readonly (DirectoryIn | Extract<LowerPiece, string>)[];
  readonly upper?: DirectoryIn;
  readonly work?: DirectoryIn | 'none';
  readonly options?: readonly OverlayParameter[];
}

/** A fault each, by the rule that it breaks: of the one part of an overlay that is well otherwise. */
type Fault = readonly [rule: string, part: Parts];
const FAULTS: readonly Fault[] = [
  ['O40', { options: [option('no_such_option')] }],
  ['O24', { options: [option('metacopy', 'on'), option('redirect_dir', 'off')] }],
  ['O25', { options: [option('nfs_export', 'on'), option('index', 'off')] }],
  ['O4', { work: 'none' }],
  ['O9', { upper: directoryIn(first, '') }],
  ['O7', { work: newDirectory(tmpfs(), 'work') }],
  ['O8', { work: at('upper/work') }],
  ['O11', { lower: [directoryIn(root, 'nowhere')] }],
  ['O12', { lower: [directoryIn(root, 'file')] }],
  ['O13', { lower: [directoryIn(machine, 'proc/sys/kernel')] }],
  ['D3', { lower: [directoryIn(second, '')] }],
  ['O33', { lower: [a, ':', a] }],
  ['O34', { lower: [directoryIn(root, 'a/deep'), ':', a] }],
  ['O38', { lower: [directoryIn(unbindable, 'a')] }],
];

/** Upper and workdir stand before the lowers, so that paths do not hide what is not of a path. */
function made({ lower = [a], upper = at('upper'), work = at('work'), options = [] }: Parts) {
  return writtenOverlay(...options, upperdir(upper), ...(work === 'none' ? [] : [workdir(work)]), lowerdir(...lower));
}

function answer(parts: Parts, kernel: Behaviours): string {
  const scenario: Scenario = { name: 'test', shows: '', about: [], steps: [...BELOW, mount('top', made(parts))] };
  return brief(predict(scenario, kernel).at(-1)!.prediction);
}

t.test('given one fault, then its rule speaks; given two, then that which the era asks for first', (t) => {
  for (const [index, kernel] of KERNELS.entries()) {
    const order = OVERLAY_ORDER[kernel.overlayOptions];
    // What is asked of upper and workdir is asked of the lowers later.
    const rank = ([rule, part]: Fault) => {
      const asks = ({ rules }: { readonly rules: readonly string[] }) => rules.includes(rule);
      return part.lower === undefined ? order.findIndex(asks) : order.findLastIndex(asks);
    };
    for (const [rule, part] of FAULTS) t.match(answer(part, kernel), new RegExp(` ${rule}$`), `${index}: ${rule}`);
    for (const one of FAULTS)
      for (const other of FAULTS) {
        const shares = Object.keys(one[1]).some((part) => part in other[1]);
        if (shares || rank(one) === rank(other)) continue;
        const [earlier] = rank(one) < rank(other) ? one : other;
        const both = answer({ ...one[1], ...other[1] }, kernel);
        t.match(both, new RegExp(` ${earlier}$`), `${index}: ${one[0]}, ${other[0]}`);
      }
  }
  t.end();
});
