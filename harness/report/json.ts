/** One JSON object, as report.schema.json says. */
import type { Reporter } from './reporter.ts';

export const json: Reporter = { name: 'json', render: (report) => `${JSON.stringify(report, null, 1)}\n` };
