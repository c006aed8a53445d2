/** What a chart of kernel stacks is drawn from, whatever it is drawn on. All sizes are bytes. */
import type { AccountCost } from '../../stack/cost.ts';

export interface ChartRow {
  /** Topology, operation, pressure, kernel: whatever tells this row from the others. */
  readonly label: string;
  /** Of the path, from the system call down. */
  readonly accounts: readonly AccountCost[];
  /** What came upon the path by chance, from there down. */
  readonly incidental: readonly AccountCost[];
  readonly peakBytes: number;
  readonly pathBytes: number;
  readonly threadSizeBytes: number;
  /** Of the peaks, where there was more than one run. */
  readonly spread?: ChartSpread;
}

export interface ChartSpread {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly runs: number;
}

export interface ChartMeta {
  readonly title: string;
  readonly source: ChartSource;
}

/** Where the figures come from. Given and not looked up, so that the same figures make the same picture. */
export interface ChartSource {
  /** Release of the kernel, or of all of them; undefined where the tables do not tell. */
  readonly kernel?: string;
  /** Day of the measurement, or of the picture: `2026-11-21`. */
  readonly date: string;
  /** What makes this picture again. */
  readonly command: string;
}

/** The costs of a row from the system call down, with what no line of its table accounts for last. */
export interface Part {
  readonly cost: AccountCost;
  readonly fromBytes: number;
  readonly incidental: boolean;
}

export function partsOf({ accounts, incidental }: Pick<ChartRow, 'accounts' | 'incidental'>): readonly Part[] {
  let fromBytes = 0;
  return [...accounts, ...incidental].map((cost, i) => {
    const part = { cost, fromBytes, incidental: i >= accounts.length };
    fromBytes += cost.bytes;
    return part;
  });
}

/** The largest of the rows' stacks: what every bar is drawn against. */
export function largestStack(rows: readonly ChartRow[]): number {
  return Math.max(...rows.map(({ threadSizeBytes }) => threadSizeBytes));
}
