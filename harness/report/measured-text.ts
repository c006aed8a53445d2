/** What was measured, for people: a bar for each figure, then what each says. */
import type { Figure } from '../measure/figure.ts';
import { labelOf, type Failure, type Sample } from '../measure/measurement.ts';
import type { Distribution, Spread } from '../stack/distribution.ts';
import { costLines, oneMore, type StackStyle } from './stack-text.ts';
import { wrap } from './wrap.ts';

export function measuredText(figures: readonly Figure[], style: StackStyle): string {
  return figures.map((figure) => `${one(figure, style).join('\n')}\n`).join('\n');
}

function one(figure: Figure, style: StackStyle): readonly string[] {
  const { measurement, distribution } = figure;
  const { samples } = measurement;
  return [
    ...figureHead(figure, style),
    ...prediction(figure, style).flatMap((line) => wrap(`  ${line}`, style.columns)),
    ...(distribution === undefined
      ? []
      : [
          '',
          ...costLines(distribution.ways[0].example, style),
          ...oneMore(distribution.ways[0].example).flatMap((line) => wrap(`  ${line}`, style.columns)),
          `  ${style.dim(took(samples))}`,
        ]),
  ];
}

/**
 * What was measured, how its depths vary over the clones, and what else is to be known of it.
 * `name` instead of the subject's own, where that does not tell it from another.
 */
export function figureHead(figure: Figure, style: StackStyle, name?: string): readonly string[] {
  const { measurement, distribution, notPassed } = figure;
  const { subject, release, accelerator, samples, failures } = measurement;
  const lines = [
    ...(distribution === undefined ? [] : [...depths(distribution), pressure(figure)]),
    ...(notPassed.length === 0 ? [] : [style.odd(`the path does not pass ${notPassed.join(', ')}`)]),
    ...warned(samples, style),
    ...told(failures, style),
  ];
  return [
    style.bold(`${subject.kernel} (${release}, ${accelerator}): ${name ?? labelOf(subject)}`),
    ...lines.filter((line) => line !== '').flatMap((line) => wrap(`  ${line}`, style.columns)),
  ];
}

function depths({ runs, peak, path, ways, deepest }: Distribution): readonly string[] {
  const { threadSizeBytes } = deepest;
  const percent = Math.round((peak.max / threadSizeBytes) * 100);
  const [first, ...others] = ways;
  const rest = others.map((way) => `${way.pathBytes} in ${way.runs}`).slice(0, 4);
  return [
    `peak ${range(peak)} bytes, ${percent} % of a stack of ${threadSizeBytes}; ${threadSizeBytes - peak.max} left`,
    `path ${first.pathBytes} bytes in ${first.runs} of ${runs} ${runs === 1 ? 'run' : 'runs'}` +
      (others.length === 0
        ? ''
        : `; ${rest.join(', ')}${others.length > rest.length ? `, and ${others.length - rest.length} other paths` : ''}; all ${range(path)}`),
  ];
}

/** `6424`, or `6424 to 7176, median 6688`. */
function range({ min, median, max }: Spread): string {
  return min === max ? String(min) : `${min} to ${max}, median ${median}`;
}

function pressure({ measurement: { subject, samples }, reached, reclaimTables, distribution }: Figure): string {
  if (subject.pressure.name === 'none' && reclaimTables === 0) return '';
  const counted = [...new Set(samples.flatMap(({ counters }) => Object.keys(counters)))]
    .map((name): [string, number] => [name, Math.max(...samples.map(({ counters }) => counters[name] ?? 0))])
    .filter(([, value]) => value > 0)
    .map(([name, value]) => `${name} +${value}`);
  const frames = `frames of reclaim in ${reclaimTables} of ${distribution?.runs ?? 0} tables`;
  return `${subject.pressure.name}: ${reached ? '' : 'NOT REACHED, '}${frames}${counted.length === 0 ? '' : `; at most ${counted.join(', ')}`}`;
}

function prediction({ predicted, distribution }: Figure, style: StackStyle): readonly string[] {
  if (predicted.kind === 'not-asked') return [];
  if (predicted.kind === 'unknown') return [`not predicted: nothing measured says what ${predicted.part} costs`];
  const parts = predicted.parts.map(({ name, bytes }) => `${name} ${bytes}`).join(' + ');
  const measured = distribution?.ways[0].example.withoutMemoryBytes;
  const head = `predicted from the others: path ${predicted.bytes} bytes without allocator and reclaim`;
  if (measured === undefined) return [`${head}: ${parts}`];
  const error = predicted.bytes - measured;
  const percent = ((error / measured) * 100).toFixed(1);
  const sentence = `${head}, ${error === 0 ? 'as measured' : `${measured} measured, ${error > 0 ? '+' : ''}${error} (${percent} %)`}: ${parts}`;
  return [Math.abs(error / measured) > 0.03 ? style.odd(sentence) : sentence];
}

/** Each thing that the kernel said once, with in how many runs. */
function warned(samples: readonly Sample[], style: StackStyle): readonly string[] {
  const counts = new Map<string, number>();
  for (const { warnings } of samples)
    for (const text of new Set(warnings)) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, runs]) => style.bad(`the kernel said in ${runs} of ${samples.length} runs: ${text}`));
}

function told(failures: readonly Failure[], style: StackStyle): readonly string[] {
  const counts = new Map<string, number>();
  for (const failure of failures) {
    const title = failure.kind === 'crashed' ? `${failure.title}, ` : '';
    const words = `${failure.kind}: ${title}${failure.why}`;
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts].map(([words, times]) => {
    const line = times === 1 ? words : `${words} (${times} runs)`;
    return words.startsWith('refused') ? line : style.bad(line);
  });
}

function took(samples: readonly Sample[]): string {
  const times = samples.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  return samples.length === 1
    ? `1 clone, ${times[0]} ms`
    : `${samples.length} clones, ${times[0]} to ${times.at(-1)} ms each`;
}
