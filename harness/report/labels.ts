/** Short names of kernels, for the head of a column and the beginning of a sentence. */
import type { KernelRecord } from './results.ts';

export type Labels = ReadonlyMap<string, string>;

/**
 * `6.17.13` for `debian:6.17.13`; the release's version for a suite, a build tree or a file, with a number where it
 * is taken; the spec itself of a kernel that could not be had.
 */
export function kernelLabels(kernels: readonly KernelRecord[]): Labels {
  const taken = new Set(kernels.flatMap(({ spec }) => archiveVersion(spec) ?? []));
  const labels = new Map<string, string>();
  for (const { spec, release } of kernels) {
    const version = archiveVersion(spec);
    const wanted = version ?? (release === 'unknown' ? inShort(spec) : (release.split(/[+-]/)[0] ?? release));
    let label = wanted;
    for (let n = 2; version === undefined && taken.has(label); n++) label = `${wanted}#${n}`;
    taken.add(label);
    labels.set(spec, label);
  }
  return labels;
}

/** Which kernel a label means, a line for each whose label does not say it. */
export function labelKey(kernels: readonly KernelRecord[], labels: Labels): readonly string[] {
  return kernels
    .filter(({ spec }) => archiveVersion(spec) === undefined && labels.get(spec) !== spec)
    .map(({ spec, release }) => `${labels.get(spec)} is ${spec}${release === 'unknown' ? '' : ` (${release})`}`);
}

/** `6.12.57, 6.16`; of many, the first and how many more. */
export function inOneBreath(names: readonly string[], all: number): string {
  if (names.length === all && all > 1) return `all ${all}`;
  return names.length <= 4 ? names.join(', ') : `${names[0]} and ${names.length - 1} more`;
}

/** A spec of bearable length: `deb:…/linux-image.deb`, `image:…/bzImage`. */
export function inShort(spec: string): string {
  const [, form = '', file = ''] = /^(\w+:)([^,]*)/.exec(spec) ?? [];
  if (spec.length <= 40 || file === '') return spec;
  const name = file.slice(file.replace(/\/+$/, '').lastIndexOf('/') + 1);
  return `${form}…/${name.length <= 40 ? name : `${name.slice(0, 39)}…`}`;
}

function archiveVersion(spec: string): string | undefined {
  return /^debian:([0-9].*)$/.exec(spec)?.[1];
}
