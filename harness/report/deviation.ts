/** What is to be told of a step that does not agree, for reporters that machines read. */
import type { StepRecord } from './results.ts';

export interface Deviation {
  readonly verdict: StepRecord['verdict']['kind'];
  readonly why: string;
  readonly expected?: string;
  readonly observed?: string;
  readonly rule?: string;
  readonly remedy?: string;
  /** Of the kernel, from warnings on, and of the mount context's own log. */
  readonly messages: readonly string[];
  /** The call chain of a crash, deepest first. */
  readonly chain: readonly string[];
  readonly consoleTail: readonly string[];
}

export function deviation({ verdict, predicted, observed, oops }: StepRecord): Deviation {
  const { kind, why = '', expected, observed: seen, remedy, consoleTail = '' } = verdict;
  return {
    verdict: kind,
    why,
    ...(expected === undefined ? {} : { expected }),
    ...(seen === undefined ? {} : { observed: seen }),
    ...(predicted.rule === undefined ? {} : { rule: predicted.rule }),
    ...(remedy === undefined ? {} : { remedy }),
    messages: observed.messages
      .filter(({ level }) => level === undefined || level <= 4)
      .map(({ level, text }) => (level === undefined ? text : `<${level}> ${text}`)),
    chain: oops?.chain ?? [],
    consoleTail: consoleTail === '' ? [] : consoleTail.split('\n'),
  };
}

/** As lines of text, for a place that has no structure. */
export function deviationLines(record: StepRecord): readonly string[] {
  const { verdict, why, expected, observed, remedy, messages, chain, consoleTail } = deviation(record);
  return [
    `${verdict}: ${why}`,
    ...(expected === undefined ? [] : [`expected ${expected}, observed ${observed ?? '?'}`]),
    ...(remedy === undefined ? [] : [remedy]),
    ...messages,
    ...(chain.length === 0 ? [] : ['call chain, deepest first:', ...chain.map((line) => `  ${line}`)]),
    ...(consoleTail.length === 0 ? [] : ['console:', ...consoleTail.map((line) => `  ${line}`)]),
  ];
}
