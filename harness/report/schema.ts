/** The JSON Schemas of what fathom prints, made from its zod types. `npm run schema` writes them to docs/. */
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { kernelDiffReport } from './diff-results.ts';
import { identifiedReport } from './identified-results.ts';
import { measuredReport } from './measured-results.ts';
import { report } from './results.ts';
import { rulesReport } from './rules-results.ts';
import { stackReport } from './stack-results.ts';

export const SCHEMA_FILE = 'docs/report.schema.json';
export const STACK_SCHEMA_FILE = 'docs/stack.schema.json';
export const RULES_SCHEMA_FILE = 'docs/rules.schema.json';
export const MEASURED_SCHEMA_FILE = 'docs/measured.schema.json';
export const IDENTIFIED_SCHEMA_FILE = 'docs/identified.schema.json';
export const DIFF_SCHEMA_FILE = 'docs/kernel-diff.schema.json';

/** The schema of a run's report, as the text of its file. */
export function schemaText(): string {
  return textOf(report);
}

/** The schema of what `fathom stack explain --json` and `fathom stack diff --json` print. */
export function stackSchemaText(): string {
  return textOf(stackReport);
}

/** The schema of what `fathom stack --json` prints. */
export function measuredSchemaText(): string {
  return textOf(measuredReport);
}

/** The schema of what `fathom identify --reporter json` prints. */
export function identifiedSchemaText(): string {
  return textOf(identifiedReport);
}

/** The schema of what `fathom diff --reporter json` prints. */
export function diffSchemaText(): string {
  return textOf(kernelDiffReport);
}

/** The schema of what `fathom rules --reporter json` prints. */
export function rulesSchemaText(): string {
  return textOf(rulesReport);
}

function textOf(type: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(type, { target: 'draft-2020-12' }), null, 2)}\n`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await writeFile(SCHEMA_FILE, schemaText());
  await writeFile(STACK_SCHEMA_FILE, stackSchemaText());
  await writeFile(RULES_SCHEMA_FILE, rulesSchemaText());
  await writeFile(MEASURED_SCHEMA_FILE, measuredSchemaText());
  await writeFile(IDENTIFIED_SCHEMA_FILE, identifiedSchemaText());
  await writeFile(DIFF_SCHEMA_FILE, diffSchemaText());
}
