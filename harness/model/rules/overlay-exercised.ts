/** Which rules an overlay mount shows: those that decide besides a refusal's own, and those that just do not speak. */
import { overlayParameters } from '../../topology/overlay-parameters.ts';
import { together, type Exercised } from './exercised.ts';
import type { Attempt } from './overlay-facts.ts';
import { RULES, type RuleId } from './registry.ts';

/** Of an overlay that the kernel makes: of each rule, what is so that with one thing otherwise it would have spoken. */
const SPARED: Readonly<Partial<Record<RuleId, (attempt: Attempt) => boolean>>> = {
  D3: (attempt) => depthsOf(attempt).includes(attempt.behaviours.maxStackDepth - 1),
  O1: ({ lowers, upper }) => lowers.length === (upper === undefined ? 2 : 1),
  O2: ({ dataOnly }) => dataOnly > 0,
  O3: () => true,
  O4: hasUpper,
  O5: hasUpper,
  O6: ({ lowers }) => lowers.length === 500,
  O7: hasUpper,
  O8: hasUpper,
  O9: ({ lowers }) => lowers.some(({ superblock }) => superblock.isOverlay),
  O10: hasUpper,
  O11: () => true,
  O12: () => true,
  O13: () => true,
  O14: (attempt) => layersOf(attempt).every(({ casefolded }) => !casefolded),
  O15: (attempt) => layersOf(attempt).some(({ superblock }) => superblock.encoding !== undefined),
  O16: ({ lowers }) => lowers.length > 1,
  O17: (attempt) => pieces(attempt).length > 0,
  O18: (attempt) => pieces(attempt).includes('::') || pieces(attempt).includes(':'),
  O19: (attempt) => pieces(attempt).length > 0,
  O20: ({ dataOnly }) => dataOnly > 0,
  O21: (attempt) => gives(attempt, 'lowerdir+'),
  O22: ({ dataOnly }) => dataOnly > 0,
  O23: ({ config }) => config.verity !== 'off',
  O24: ({ config }) => config.set.has('metacopy') && config.set.has('redirect_dir'),
  O25: ({ config }) => config.set.has('nfs_export') && config.nfsExport,
  O26: ({ config }) => config.userxattr,
  O27: ({ subject }) => subject.by === 'user-namespace',
  O28: hasUpper,
  O30: ({ upper, config }) => upper !== undefined && config.index,
  O31: hasUpper,
  O32: () => true,
  O33: (attempt) => layersOf(attempt).length > 1,
  O34: (attempt) => layersOf(attempt).length > 1,
  O35: ({ origin }) => origin === 'verified',
  O36: ({ config, upper }) => upper !== undefined && config.volatile,
  O37: hasUpper,
  O38: (attempt) => layersOf(attempt).some(({ directory }) => directory.on.kind === 'bind'),
  O39: ({ config, lowers }) => config.index && new Set(lowers.map(({ superblock }) => superblock)).size > 1,
  O40: (attempt) => given(attempt).some(({ kind }) => kind === 'option'),
  O43: ({ subject }) => subject.by === 'init',
  O44: ({ subject }) => subject.by === 'init' && subject.api === 'fsopen',
};

/** Rules that decide without a word. */
const DECIDED: Readonly<Partial<Record<RuleId, (attempt: Attempt) => boolean>>> = {
  D2: () => true,
  O42: (attempt) => given(attempt).some((parameter) => parameter.kind === 'layer' && parameter.as === 'descriptor'),
  O43: ({ subject }) => subject.by === 'user-namespace',
};

export function exercisedByOverlay(attempt: Attempt): Exercised {
  const holding = (table: typeof SPARED) =>
    (Object.entries(table) as readonly (readonly [RuleId, (attempt: Attempt) => boolean])[])
      .filter(([rule, holds]) => RULES[rule].absent?.(attempt.behaviours) === undefined && holds(attempt))
      .map(([rule]) => rule);
  return together({ triggered: holding(DECIDED), spared: holding(SPARED) });
}

/** O45, O46: of a refusal, `other` being the rule that would have spoken in the other order. */
export function exercisedByOrder({ behaviours }: Attempt, rule: RuleId, other: RuleId | undefined): Exercised {
  const order = behaviours.overlayOptions === 'context' ? 'O45' : 'O46';
  return rule === other ? { triggered: [], spared: [order] } : { triggered: [order], spared: [] };
}

function hasUpper({ upper }: Attempt): boolean {
  return upper !== undefined;
}

function layersOf({ lowers, upper }: Attempt) {
  return upper === undefined ? lowers : [...lowers, upper];
}

function depthsOf(attempt: Attempt): readonly number[] {
  return layersOf(attempt).map(({ superblock }) => superblock.depth);
}

function given({ subject }: Attempt) {
  return overlayParameters(subject.mount, subject.ownDirectory);
}

function gives(attempt: Attempt, key: string): boolean {
  return given(attempt).some((parameter) => parameter.kind === 'layer' && parameter.key === key);
}

function pieces(attempt: Attempt) {
  return given(attempt).flatMap((parameter) => (parameter.kind === 'lowerdir' ? parameter.pieces : []));
}
