/** Rows for charts: the mail's tables, and a stack of made-up costs where no table has the case. */
import type { ChartRow } from '../../../harness/report/chart/chart.ts';
import { explain } from '../../../harness/stack/explain.ts';
import type { AccountCost } from '../../../harness/stack/cost.ts';
import type { Layer } from '../../../harness/stack/layer-table.ts';
import { chartRow } from '../../../harness/cli/chart.ts';
import { copyUp, only, read } from '../stack/tables.ts';

export const copyUpRow = chartRow('copy-up', explain(only(copyUp)));
export const readRow = chartRow('read', explain(only(read)));

export function cost(kind: Layer, bytes: number, number = 1): AccountCost {
  const name = kind === 'overlay' || number > 1 ? `${kind} ${number}` : kind;
  return { account: { kind, number, name }, bytes, frames: 1, layers: new Map([[kind, bytes]]) };
}

export function row(label: string, ...accounts: readonly AccountCost[]): ChartRow {
  const bytes = accounts.reduce((sum, one) => sum + one.bytes, 0);
  return { label, accounts, incidental: [], peakBytes: bytes, pathBytes: bytes, threadSizeBytes: 16_384 };
}

/** Levels of an image on two overlays, as erofs's device= allows them. */
export function nested(levels: number): ChartRow {
  const accounts = Array.from({ length: levels }, (_, level) => [
    cost('overlay', 248, 2 * level + 1),
    cost('overlay', 248, 2 * level + 2),
    cost('erofs', 1040, level + 1),
  ]).flat();
  return row(`${levels} levels`, cost('entry', 120), ...accounts);
}
