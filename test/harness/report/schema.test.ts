import { readFile } from 'node:fs/promises';
import t from 'tap';
import { SCHEMA_FILE, schemaText } from '../../../harness/report/schema.ts';

t.test('given the zod type of the report, then the schema in docs/ is the one made from it', async (t) => {
  t.equal(await readFile(SCHEMA_FILE, 'utf8'), schemaText(), 'npm run schema writes it');
});
