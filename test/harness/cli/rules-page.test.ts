import { readFile } from 'node:fs/promises';
import t from 'tap';
import { RULES_PAGE, rulesPage } from '../../../harness/cli/rules-page.ts';
import { RULES_SCHEMA_FILE, rulesSchemaText } from '../../../harness/report/schema.ts';

t.test('given the model and the scenarios, then docs/rules.md is the page made from them', async (t) => {
  t.equal(await readFile(RULES_PAGE, 'utf8'), await rulesPage(), '`npm run rules` writes it');
});

t.test('given the type of the table of rules, then the schema in docs/ is the one made from it', async (t) => {
  t.equal(await readFile(RULES_SCHEMA_FILE, 'utf8'), rulesSchemaText(), '`npm run schema` writes it');
});
