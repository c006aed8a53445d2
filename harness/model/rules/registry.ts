/**
 * Every rule of the model, as data: what docs/rules.md and `fathom rules` print. A rule that a function of
 * harness/model/ names has a row here, or it does not compile.
 */
import type { Behaviours } from '../behaviour.ts';
import type { RuleRow } from './row.ts';
import { CHANNELS } from './rows/channels.ts';
import { DEPTH } from './rows/depth.ts';
import { EROFS_DAMAGE } from './rows/erofs-damage.ts';
import { EROFS_IMAGE } from './rows/erofs-image.ts';
import { EROFS_OPTIONS } from './rows/erofs-options.ts';
import { EROFS_SOURCE } from './rows/erofs-source.ts';
import { LOOP } from './rows/loop.ts';
import { OTHERS } from './rows/others.ts';
import { OVERLAY_LAYERS } from './rows/overlay-layers.ts';
import { OVERLAY_OPTIONS } from './rows/overlay-options.ts';
import { TREES } from './rows/trees.ts';

export type { Channel, RuleRow } from './row.ts';

const ROWS = {
  ...CHANNELS,
  ...DEPTH,
  ...EROFS_SOURCE,
  ...EROFS_IMAGE,
  ...EROFS_OPTIONS,
  ...EROFS_DAMAGE,
  ...OVERLAY_LAYERS,
  ...OVERLAY_OPTIONS,
  ...LOOP,
  ...TREES,
  ...OTHERS,
};

export type RuleId = keyof typeof ROWS;

export const RULES: Readonly<Record<RuleId, RuleRow>> = ROWS;

/** In the order of the table: by letter as above, then by number. */
export const RULE_IDS: readonly RuleId[] = ordered(Object.keys(ROWS) as RuleId[]);

export function isRuleId(text: string): text is RuleId {
  return Object.hasOwn(ROWS, text);
}

/** The rules that a kernel with these behaviours does not have, and why. */
export function absentRules(behaviours: Behaviours): Readonly<Partial<Record<RuleId, string>>> {
  const absent: Partial<Record<RuleId, string>> = {};
  for (const id of RULE_IDS) {
    const why = RULES[id].absent?.(behaviours);
    if (why !== undefined) absent[id] = why;
  }
  return absent;
}

function ordered(ids: readonly RuleId[]): readonly RuleId[] {
  const letters = [...new Set(ids.map(letterOf))];
  const rank = (id: RuleId) => letters.indexOf(letterOf(id)) * 1000 + Number(id.slice(letterOf(id).length));
  return [...ids].sort((a, b) => rank(a) - rank(b));
}

function letterOf(id: RuleId): string {
  return id.replace(/\d+$/, '');
}
