/** What there is to find out of a kernel: behaviours, taken apart where one is a set. */
import type { Behaviours } from '../model/behaviour.ts';

export type FacetValue = string | number | boolean;

export interface Facet {
  /** `erofsStacking`; of a behaviour that is a set or an object, a member: `erofsOptions.dax`. */
  readonly name: string;
  /** Every value that a kernel may have, as far as the battery can go. */
  readonly values: readonly FacetValue[];
  readonly of: (behaviours: Behaviours) => FacetValue;
  /** The same kernel with another value; undefined where that makes no sense beside the others. */
  readonly with: (behaviours: Behaviours, value: FacetValue) => Behaviours | undefined;
  /** Why no step of the battery depends on it; the version's value is kept. Absent: some step does. */
  readonly kept?: string;
}

/** Whether a facet is probed, and if not, why. */
interface Kept {
  readonly kept?: string;
}

type KeysOf<Type> = { [K in keyof Behaviours]: Behaviours[K] extends Type ? K : never }[keyof Behaviours];

export function flag(name: KeysOf<boolean>, kept: Kept = {}): Facet {
  return oneOf<KeysOf<boolean>>(name, [true, false], kept);
}

export function oneOf<K extends KeysOf<FacetValue>>(
  name: K,
  values: readonly (Behaviours[K] & FacetValue)[],
  kept: Kept = {},
): Facet {
  return {
    name,
    values,
    of: (behaviours) => behaviours[name],
    with: (behaviours, value) => ({ ...behaviours, [name]: value }),
    ...kept,
  };
}

/** Whether a set has a member. */
export function memberOf(name: KeysOf<ReadonlySet<string>>, member: string, kept: Kept = {}): Facet {
  return {
    name: `${name}.${member}`,
    values: [true, false],
    of: (behaviours) => has(behaviours[name], member),
    with: (behaviours, value) => ({ ...behaviours, [name]: put(behaviours[name], member, value === true) }),
    ...kept,
  };
}

/** Whether a mask has a bit. */
export function bitOf(name: KeysOf<number>, bit: string, mask: number, kept: Kept = {}): Facet {
  return {
    name: `${name}.${bit}`,
    values: [true, false],
    of: (behaviours) => (behaviours[name] & mask) !== 0,
    with: (behaviours, value) => ({
      ...behaviours,
      [name]: value === true ? behaviours[name] | mask : behaviours[name] & ~mask,
    }),
    ...kept,
  };
}

/** Of an erofs option: the kernel does not know it, it has its effect, or it is taken without one (rules E0, E26). */
export function erofsOption(option: string, kept: Kept = {}): Facet {
  return {
    name: `erofsOptions.${option}`,
    values: ['unknown', 'works', 'no effect'],
    of: ({ erofsOptions, erofsIneffectiveOptions }) =>
      !erofsOptions.has(option) ? 'unknown' : erofsIneffectiveOptions.has(option) ? 'no effect' : 'works',
    with: (behaviours, value) => ({
      ...behaviours,
      erofsOptions: put(behaviours.erofsOptions, option, value !== 'unknown'),
      erofsIneffectiveOptions: put(behaviours.erofsIneffectiveOptions, option, value === 'no effect'),
    }),
    ...kept,
  };
}

export function overlayDefault(name: keyof Behaviours['overlayDefaults'], kept: Kept = {}): Facet {
  return {
    name: `overlayDefaults.${name}`,
    values: [true, false],
    of: ({ overlayDefaults }) => overlayDefaults[name],
    with: (behaviours, value) => ({
      ...behaviours,
      overlayDefaults: { ...behaviours.overlayDefaults, [name]: value === true },
    }),
    ...kept,
  };
}

function has(set: ReadonlySet<string>, member: string): boolean {
  return set.has(member);
}

function put<T extends string>(set: ReadonlySet<T>, member: string, there: boolean): ReadonlySet<T> {
  const others = [...set].filter((one) => one !== member);
  return new Set(there ? [...others, member as T] : others);
}
