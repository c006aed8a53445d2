/** Steps that look at trees and change them: what the merged-tree model says, as predictions. */
import type { ReadStep, TreeStep } from '../scenario.ts';
import { notationOf } from '../topology/notation.ts';
import type { DirectoryIn } from '../topology/topology.ts';
import type { Behaviours } from './behaviour.ts';
import type { ExpectedMessage, Prediction } from './prediction.ts';
import { together } from './rules/exercised.ts';
import type { LostEntry } from './tree/listing.ts';
import { Trees, type ExpectedEntry } from './tree/trees.ts';

/** Below the root of a plain filesystem: what plans make for uppers and works (topology/lower.ts). */
const OF_PLANS = '.fathom';

export function predictTree(step: TreeStep, trees: Trees, behaviours: Behaviours): Prediction {
  switch (step.kind) {
    case 'list':
      return listed(step.directory, trees, 'the tree is what its layers and the changes so far make of it');
    case 'unchanged':
      // Trees of its own, of which nothing has been changed; their names for numbers are theirs alone.
      return listed(step.directory, new Trees(behaviours, `${step.name}: `), 'nothing of it is ever changed');
    case 'upper': {
      const entries = trees.listUpper(step.overlay);
      if (entries === undefined) return unknown('what lies in the upper');
      return { kind: 'ok', listing: { entries }, messages: [], why: 'the upper holds what was changed, and no more' };
    }
    case 'change': {
      const applied = trees.apply(step.on, step.change);
      if (applied === undefined) return unknown(`what a change of ${notationOf(step.on)} does`);
      return applied.kind === 'refused'
        ? { ...applied, exercised: { triggered: [applied.rule], spared: [] } }
        : { kind: 'ok', messages: [], why: applied.why, exercised: applied.exercised };
    }
  }
  return step satisfies never;
}

/** What a read returns, or why it does not. */
export function readBack({ on, path }: ReadStep['file'], trees: Trees): Prediction {
  const read = trees.read(on, path);
  if (read?.kind === 'refused') return read;
  return { kind: 'ok', contents: read?.contents, messages: [], why: `${path} holds what went in` };
}

/** R1: O_DIRECT, which is asked of every file down to the one that has the data. fs/open.c:do_dentry_open */
export function readDirectly(file: ReadStep['file'], trees: Trees): Prediction {
  const { on, path } = file;
  const has = trees.hasDirectIo(on, path);
  if (has === undefined) return unknown(`whether ${path} of ${notationOf(on)} can be read directly`);
  if (!has)
    return {
      kind: 'refused',
      rule: 'R1',
      errno: 'EINVAL',
      messages: [],
      why: `what has the data of ${path} has no direct I/O`,
      exercised: { triggered: ['R1'], spared: [] },
    };
  const read = readBack(file, trees);
  return read.kind === 'ok' ? { ...read, exercised: { triggered: [], spared: ['R1'] } } : read;
}

function listed({ on, path }: DirectoryIn, trees: Trees, why: string): Prediction {
  const answer = trees.list(on, path);
  if (answer === undefined) return unknown(`what ${notationOf(on)} shows`);
  if (answer.kind === 'refused') return { ...answer, exercised: { triggered: [answer.rule], spared: [] } };
  const { entries } = answer;
  const refusing = entries.flatMap((entry) => refusalOf(entry)?.rule ?? []);
  const exercised = together(answer.exercised, { triggered: refusing, spared: [] });
  return { kind: 'ok', listing: { entries, besides: OF_PLANS }, messages: entries.flatMap(messagesOf), why, exercised };
}

/** What the kernel may say when it is asked for an entry that it refuses. */
function messagesOf(entry: ExpectedEntry): readonly ExpectedMessage[] {
  return refusalOf(entry)?.messages ?? [];
}

function refusalOf(entry: ExpectedEntry): Pick<LostEntry, 'rule' | 'messages'> | undefined {
  return entry.kind === 'lost' ? entry : entry.unreadable;
}

export function unknown(what: string): Prediction {
  return { kind: 'ok', unknown: what, messages: [], why: `the model does not know ${what}` };
}
