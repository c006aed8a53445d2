import { readFile } from 'node:fs/promises';
import t from 'tap';
import { STACK_SCHEMA_FILE, stackSchemaText } from '../../../harness/report/schema.ts';

t.test(
  'given the zod type of what `fathom stack` says, then the schema in docs/ is the one made from it',
  async (t) => {
    t.equal(await readFile(STACK_SCHEMA_FILE, 'utf8'), stackSchemaText(), 'npm run schema writes it');
  },
);
