import { readFile } from 'node:fs/promises';
import t from 'tap';
import { MEASURED_SCHEMA_FILE, measuredSchemaText } from '../../../harness/report/schema.ts';

t.test(
  'given the zod type of what `fathom stack` measured, then the schema in docs/ is the one made from it',
  async (t) => {
    t.equal(await readFile(MEASURED_SCHEMA_FILE, 'utf8'), measuredSchemaText(), 'npm run schema writes it');
  },
);
