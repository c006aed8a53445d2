/** A table again as the kernel prints it (trace_stack.c, t_show), without what mail and dmesg did to it. */
import type { StackTable } from '../stack/table.ts';

export function tracerText(tables: readonly StackTable[]): string {
  return tables.map((table) => `${lines(table).join('\n')}\n`).join('\n');
}

function lines({ frames }: StackTable): readonly string[] {
  return [
    `        Depth    Size   Location    (${frames.length} entries)`,
    '        -----    ----   --------',
    ...frames.map(({ index, depth, size, location, module }) => {
      const where = module === undefined ? location : `${location} [${module}]`;
      return `${String(index).padStart(3)}) ${String(depth).padStart(8)}   ${String(size).padStart(5)}   ${where}`;
    }),
  ];
}
