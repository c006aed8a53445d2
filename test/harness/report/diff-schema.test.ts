import { readFile } from 'node:fs/promises';
import t from 'tap';
import { DIFF_SCHEMA_FILE, diffSchemaText } from '../../../harness/report/schema.ts';

t.test(
  'given the zod type of what `fathom diff` found, then the schema in docs/ is the one made from it',
  async (t) => {
    t.equal(await readFile(DIFF_SCHEMA_FILE, 'utf8'), diffSchemaText(), 'npm run schema writes it');
  },
);
