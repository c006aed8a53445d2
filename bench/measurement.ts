/** One line of the bench. */
export interface Measurement {
  readonly name: string;
  readonly what: string;
  readonly value: number;
  readonly base: number;
  readonly unit: 'ms' | 'MiB' | 'tables/s' | 'mounts/s';
  /** `value / base`. */
  readonly ratio: number;
  /** What the project holds itself to. */
  readonly bound: Bound;
}

export interface Bound {
  readonly kind: 'at most' | 'at least';
  readonly ratio: number;
}

/** All that was timed, in ms and in the order in which it was, by what it was. */
export type Times = Readonly<Record<string, readonly number[]>>;

/** Everything of one subject, and what it was computed from. */
export interface Measured {
  readonly measurements: readonly Measurement[];
  readonly times: Times;
}

/** To the nearest whole unit, and the ratio to three digits. */
export function ratio(
  name: string,
  what: string,
  { value, base, unit }: Pick<Measurement, 'value' | 'base' | 'unit'>,
  bound: Bound,
): Measurement {
  return {
    name,
    what,
    value: Math.round(value),
    base: Math.round(base),
    unit,
    ratio: Number((value / base).toFixed(3)),
    bound,
  };
}

export function isKept({ ratio: is, bound }: Measurement): boolean {
  return bound.kind === 'at most' ? is <= bound.ratio : is >= bound.ratio;
}

/** `NAME … RATIO ×`. */
export function line({ name, what, value, base, unit, ratio: times, bound }: Measurement): string {
  // A bound of 0.06 is not told from 0.064 by two digits.
  const digits = bound.ratio < 0.1 ? 3 : 2;
  return `${name.padEnd(12)}${what}: ${value} ${unit} / ${base} ${unit}, ${bound.kind} ${bound.ratio}: ${times.toFixed(digits)} ×`;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** In ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
