/** What came of a step. A run that could not be made is never a pass, and never the kernel's fault. */
export type Verdict =
  | { readonly kind: 'agrees'; readonly why: string }
  | { readonly kind: 'disagrees'; readonly expected: string; readonly observed: string; readonly why: string }
  /** The kernel died in this step. */
  | { readonly kind: 'crashed'; readonly title: string; readonly consoleTail: string; readonly why: string }
  /** The kernel gave no answer in time. */
  | { readonly kind: 'hung'; readonly where: string; readonly consoleTail: string; readonly why: string }
  /** It could not be tried here; `missing` says what it would take. */
  | {
      readonly kind: 'unsupported';
      readonly missing: string;
      readonly remedy?: string | undefined;
      readonly why: string;
    }
  /** fathom's own fault. */
  | { readonly kind: 'broken'; readonly why: string };

export type VerdictKind = Verdict['kind'];

/** Exit status of a run: 0 all agree, 1 the kernel disagrees, crashed or hung, 125 nothing could be said of a step. */
export function exitStatusOf(kinds: Iterable<VerdictKind>): 0 | 1 | 125 {
  const seen = new Set(kinds);
  if (seen.has('disagrees') || seen.has('crashed') || seen.has('hung')) return 1;
  return seen.size === 1 && seen.has('agrees') ? 0 : 125;
}
