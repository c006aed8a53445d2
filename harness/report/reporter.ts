/** A reporter takes a whole run and gives text for standard output. */
import type { Report } from './results.ts';

export interface Reporter {
  readonly name: string;
  render(report: Report, style: Style): string;
}

/** How to write for the place that the text goes to. Colours are the identity where there is no colour. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly odd: (text: string) => string;
  /** Columns of the terminal; Infinity where it is none, so that lines stay whole for grep(1). */
  readonly columns: number;
}
