/** What a rule of the table says. */

export type ReportKind =
  | 'panic'
  | 'oops'
  | 'null-pointer'
  | 'page-fault'
  | 'general-protection'
  | 'double-fault'
  | 'guard-page'
  | 'bug'
  | 'warning'
  | 'kasan'
  | 'ubsan'
  | 'lockdep'
  | 'hung-task'
  | 'soft-lockup'
  | 'rcu-stall'
  | 'out-of-memory'
  | 'refcount'
  | 'list-corruption';

export interface Format {
  /** Tried on a line without its prefixes. Anchored, and every repetition bounded: it is tried on anybody's text. */
  readonly pattern: RegExp;
  /** `{name}` is a named group of the pattern, `{function}` the function that the report is about. */
  readonly title: string;
}

export interface Rule {
  readonly kind: ReportKind;
  /** A line without it is not looked at further. */
  readonly test: string;
  /** The first that fits counts. */
  readonly formats: readonly Format[];
  /** Lines that look like the rule's and are none of its reports. */
  readonly suppressions?: readonly RegExp[];
  /** Within an open report of these kinds the line is a part of that report; `any` is any kind. */
  readonly joins?: readonly ReportKind[] | 'any';
  /** Only lines that fit this join; without it all do. */
  readonly joinsIf?: RegExp;
  /** Functions that are not what the report is about, besides the GENERIC ones. */
  readonly skip?: RegExp;
}
