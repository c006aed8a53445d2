/**
 * Mounting an overlay: the checks in the kernel's order. overlayfs before 6.5 takes its options apart in fill_super
 * (fs/overlayfs/super.c), later kernels parameter by parameter in the mount context (fs/overlayfs/params.c): so the
 * order differs (rules O45 and O46).
 */
import type { Behaviours } from '../behaviour.ts';
import * as conflicts from './overlay-conflicts.ts';
import type { Attempt, OverlaySubject, Stage } from './overlay-facts.ts';
import { NOTHING } from './exercised.ts';
import { exercisedByOrder, exercisedByOverlay } from './overlay-exercised.ts';
import * as layers from './overlay-layers.ts';
import { defaultConfig } from './overlay-options.ts';
import { parseOptions, parseParameters } from './overlay-parse.ts';
import { inUserNamespace, ownContext } from './overlay-namespace.ts';
import * as upper from './overlay-upper.ts';
import type { Acceptance, Refusal, RuleId } from './rule.ts';

export type { EarlierOverlays, OverlaySubject, Place } from './overlay-facts.ts';

/** The kernel's answer to an overlay mount, and what is left of it. */
export interface OverlayAnswer {
  /** A refusal, or the depth of the new superblock. */
  readonly answer: Refusal | Acceptance;
  /** The attempt as it stood at its end: what it found, and what it has made in the workdir, refused or not. */
  readonly attempt: Attempt;
}

export function mountOverlay(subject: OverlaySubject, behaviours: Behaviours): OverlayAnswer {
  const { attempt, refusal } = run(subject, behaviours);
  if (refusal === undefined) {
    const answer = {
      depth: layers.overlayDepth(attempt),
      messages: attempt.said,
      // A quarter of what a mount costs, and few ask.
      get exercised() {
        return exercisedByOverlay(attempt);
      },
    };
    return { answer, attempt };
  }
  const other = OTHER_ORDER[behaviours.overlayOptions];
  const there = run(subject, { ...behaviours, overlayOptions: other }).refusal?.rule;
  // What only the other era knows says nothing of the order.
  const isKnown = OVERLAY_ORDER[behaviours.overlayOptions].some(
    ({ rules }) => there === undefined || rules.includes(there),
  );
  const messages = [...attempt.said, ...refusal.messages];
  const exercised = isKnown && there !== undefined ? exercisedByOrder(attempt, refusal.rule, there) : NOTHING;
  return { answer: { ...refusal, messages, exercised }, attempt };
}

const OTHER_ORDER = { context: 'fill-super', 'fill-super': 'context' } as const;

/** The stages up to the first that refuses. */
function run(subject: OverlaySubject, behaviours: Behaviours): { attempt: Attempt; refusal: Refusal | undefined } {
  const attempt: Attempt = {
    subject,
    behaviours,
    config: defaultConfig(behaviours),
    lowers: [],
    dataOnly: 0,
    lowerdirGiven: false,
    given: { upperdir: undefined, workdir: undefined, lowerdir: undefined },
    upper: undefined,
    work: undefined,
    casefolded: undefined,
    said: [],
    inWork: new Set(),
    origin: undefined,
  };
  for (const { stage } of OVERLAY_ORDER[behaviours.overlayOptions]) {
    const refusal = stage(attempt);
    if (refusal !== undefined) return { attempt, refusal };
  }
  return { attempt, refusal: undefined };
}

interface Ordered {
  /** The rules that may speak here. */
  readonly rules: readonly RuleId[];
  readonly stage: Stage;
}

const at = (stage: Stage, ...rules: readonly RuleId[]): Ordered => ({ rules, stage });

/** Against each other; before 6.5 at the end of ovl_parse_opt. */
const OPTIONS: readonly Ordered[] = [
  at(conflicts.withoutUpper, 'O5'),
  at(conflicts.verityWithMetacopy, 'O23'),
  at(conflicts.metacopyWithRedirect, 'O24', 'O23'),
  at(conflicts.exportWithIndex, 'O25'),
  at(conflicts.userxattrAlone, 'O26', 'O23'),
];

/** From the workdir to the end, alike in every kernel but for the lowers' paths. */
const WORKDIR: readonly Ordered[] = [
  at(upper.workOnUpperMount, 'O7'),
  at(upper.workApart, 'O8'),
  at(upper.workFree, 'O30', 'O31'),
  at(upper.workWritable, 'O10'),
  at(upper.notVolatileBefore, 'O37'),
  at(upper.upperFeatures, 'O28', 'O29', 'D4'),
];
const STACKING: readonly Ordered[] = [
  at(layers.fileHandles, 'O39'),
  at(layers.depthWithinLimit, 'D3'),
  at(layers.layersFit, 'O39', 'O33', 'O32', 'O38', 'O15'),
  at(layers.originIsLower, 'O35'),
  at(layers.layersApart, 'O34', 'O32'),
];

/** In which order the rules speak. */
export const OVERLAY_ORDER: Readonly<Record<Behaviours['overlayOptions'], readonly Ordered[]>> = {
  /** O45: paths as they are parsed, then options against each other, then upper, work and lowers. */
  context: [
    at(
      parseParameters,
      ...(['O40', 'O42', 'O17', 'O19', 'O18', 'O6', 'O20'] as const),
      ...(['O11', 'O12', 'O14', 'O15', 'O13', 'O9', 'O10', 'O21'] as const),
    ),
    at(inUserNamespace, 'O43'),
    at(ownContext, 'O44'),
    ...OPTIONS,
    at(conflicts.trustedXattrs, 'O27'),
    at(conflicts.dataOnlyWithMetacopy, 'O22'),
    at(layers.hasLower, 'O3'),
    at(upper.hasWork, 'O4'),
    at(upper.upperCloned, 'O38'),
    at(upper.upperFree, 'O30', 'O31'),
    at(upper.nothingLost, 'O36'),
    ...WORKDIR,
    at(layers.enoughLowers, 'O1'),
    at(layers.someLowerIsMerged, 'O2'),
    ...STACKING,
  ],
  /** O46: before 6.5, options first; a path when it is its turn. */
  'fill-super': [
    at(inUserNamespace, 'O43'),
    at(ownContext, 'O44'),
    at(parseOptions, 'O40', 'O42'),
    ...OPTIONS,
    at(layers.hasLower, 'O3'),
    at(layers.notTooManyLowers, 'O6'),
    at(upper.hasWork, 'O4'),
    at(upper.upperPath, 'O11', 'O13', 'O12', 'O9', 'O10'),
    at(upper.upperCloned, 'O38'),
    at(upper.upperFree, 'O30', 'O31'),
    at(upper.nothingLost, 'O36'),
    at(upper.workPath, 'O11', 'O13', 'O12', 'O9'),
    ...WORKDIR,
    at(layers.enoughLowers, 'O1'),
    at(layers.lowerPaths, 'O16', 'O11', 'O13', 'O12'),
    ...STACKING,
  ],
};
