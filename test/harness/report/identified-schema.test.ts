import { readFile } from 'node:fs/promises';
import t from 'tap';
import { IDENTIFIED_SCHEMA_FILE, identifiedSchemaText } from '../../../harness/report/schema.ts';

t.test(
  'given the zod type of what `fathom identify` found, then the schema in docs/ is the one made from it',
  async (t) => {
    t.equal(await readFile(IDENTIFIED_SCHEMA_FILE, 'utf8'), identifiedSchemaText(), 'npm run schema writes it');
  },
);
