/** The JSON Schema of the report, made from its zod type. `npm run schema` writes it to docs/report.schema.json. */
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { report } from './results.ts';

export const SCHEMA_FILE = 'docs/report.schema.json';

/** The schema as the text of its file. */
export function schemaText(): string {
  return `${JSON.stringify(z.toJSONSchema(report, { target: 'draft-2020-12' }), null, 2)}\n`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await writeFile(SCHEMA_FILE, schemaText());
