/** The last lines of a report: which kernels behave, which do not, of which nothing can be said, and the counts. */
import { inOneBreath, type Labels } from './labels.ts';
import type { Style } from './reporter.ts';
import type { KernelRecord, Report, StepRecord } from './results.ts';

type Kind = StepRecord['verdict']['kind'];

const blame: ReadonlySet<Kind> = new Set<Kind>(['disagrees', 'crashed', 'hung']);
const inWords: Readonly<Record<Kind, string>> = {
  agrees: 'agree',
  disagrees: 'disagree',
  crashed: 'crashed',
  hung: 'hung',
  unsupported: 'unsupported',
  broken: 'broken',
};

export function summary({ kernels, results, interrupted }: Report, labels: Labels, style: Style): string[] {
  const kinds = ({ spec }: KernelRecord) =>
    results.filter(({ kernel, known }) => kernel === spec && known === undefined).map(({ verdict }) => verdict.kind);
  const label = ({ spec }: KernelRecord) => labels.get(spec) ?? spec;
  const deviates = ({ spec }: KernelRecord) =>
    results.some(({ kernel, known }) => kernel === spec && known !== undefined);
  const agreeing = kernels.filter(
    (kernel) => kinds(kernel).length > 0 && kinds(kernel).every((kind) => kind === 'agrees'),
  );
  const good = agreeing.filter((kernel) => !deviates(kernel));
  const excused = agreeing.filter(deviates);
  const bad = kernels.filter((kernel) => kinds(kernel).some((kind) => blame.has(kind)));
  const open = kernels.filter((kernel) => !agreeing.includes(kernel) && !bad.includes(kernel));
  const silent = open.filter((kernel) => !kinds(kernel).includes('agrees'));
  const partly = open.filter((kernel) => kinds(kernel).includes('agrees'));
  return [
    ...(interrupted ? [style.bad('interrupted: this is what was measured until then')] : []),
    ...(good.length > 0 ? [style.good(behaving(good, kernels.length, label))] : []),
    ...excused.map((kernel) =>
      style.good(`${label(kernel)} behaves as its profile says (${kernel.profile}), but for what is known`),
    ),
    ...bad.map((kernel) => style.bad(`${label(kernel)} does not behave as its profile says: ${kernel.profile}`)),
    ...partly.map((kernel) =>
      style.odd(
        `${label(kernel)} behaves as its profile says (${kernel.profile}) where it could be judged, in ${kinds(kernel).filter((kind) => kind === 'agrees').length} of ${kinds(kernel).length} steps`,
      ),
    ),
    ...(silent.length > 0 ? [style.odd(`nothing can be said of ${silent.map(label).join(', ')}`)] : []),
    counts(results, kernels),
  ];
}

function behaving(good: readonly KernelRecord[], all: number, label: (kernel: KernelRecord) => string): string {
  if (good.length === 1)
    return `${all === 1 ? 'the kernel' : label(good[0]!)} behaves as its profile says: ${good[0]!.profile}`;
  const names =
    good.length === all ? (all === 2 ? 'both kernels' : `all ${all} kernels`) : inOneBreath(good.map(label), all);
  const profiles = [...new Set(good.map(({ profile }) => profile))];
  if (profiles.length === 1) return `${names} behave as their profiles say: ${profiles[0]}`;
  // Of a few kernels, one after the other; of many, by profile.
  const told =
    good.length <= 3
      ? good.map(({ profile }) => profile)
      : profiles.map(
          (name) => `${name} (${inOneBreath(good.filter(({ profile }) => profile === name).map(label), all)})`,
        );
  return `${names} behave as their profiles say: ${told.join(', ')}`;
}

function counts(results: readonly StepRecord[], kernels: readonly KernelRecord[]): string {
  const open = results.filter(({ known }) => known === undefined);
  const told = (Object.keys(inWords) as Kind[])
    .map((kind) => [open.filter(({ verdict }) => verdict.kind === kind).length, inWords[kind]] as const)
    .concat([[results.length - open.length, 'not, as is known']])
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${count} ${words}`);
  const accelerators = [...new Set(kernels.flatMap(({ accelerator }) => accelerator ?? []))];
  return `${results.length} steps: ${told.join(', ')}${accelerators.length > 0 ? ` (${accelerators.join(', ')})` : ''}`;
}
