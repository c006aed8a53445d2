/** The rules between rooms are only worth something if a forbidden import is reported: given by the real configuration. */
import { ESLint } from 'eslint';
import path from 'node:path';
import t from 'tap';
import tseslint from 'typescript-eslint';

const root = path.join(import.meta.dirname, '..');

/** The made-up files are in no tsconfig, so what needs types is off; the rooms need none. */
const eslint = new ESLint({
  cwd: root,
  overrideConfig: [
    { ...tseslint.configs.disableTypeChecked, files: ['**/*.ts'] },
    { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false } } },
  ],
});

async function complaints(file: string, text: string): Promise<readonly string[]> {
  const [result] = await eslint.lintText(`${text}\n`, { filePath: path.join(root, file) });
  const rules = ['fathom/rooms', 'no-restricted-globals'];
  for (const { fatal, message } of result?.messages ?? []) if (fatal) throw new Error(message);
  return (result?.messages ?? []).filter(({ ruleId }) => rules.includes(ruleId ?? '')).map(({ message }) => message);
}

const forbidden = [
  ['harness/model/x.ts', "import { run } from '../run/run.ts'; run();"],
  ['harness/model/rules/x.ts', "import type { Machine } from '../../../vm/qemu/process.ts'; export type A = Machine;"],
  ['harness/model/x.ts', "import * as z from 'zod'; z.string();"],
  ['harness/model/x.ts', "import { readFileSync } from 'node:fs'; readFileSync('x');"],
  ['harness/model/x.ts', "export * from '../judge/judge.ts';"],
  ['harness/model/x.ts', "await import('../cli/main.ts');"],
  ['harness/model/x.ts', "export type A = import('../cli/main.ts').Context;"],
  ['harness/model/x.ts', 'export const then = Date.now();'],
  ['harness/observe/x.ts', "import { predict } from '../model/predict.ts'; predict();"],
  ['harness/observe/x.ts', "import { BootFailure } from '../../vm/machine.ts'; export const a = BootFailure;"],
  ['harness/judge/x.ts', "import { cached } from '../../vm/cache.ts'; void cached;"],
  ['harness/report/x.ts', "import { run } from '../run/run.ts'; void run;"],
  ['vm/x.ts', "import type { Scenario } from '../harness/scenario.ts'; export type A = Scenario;"],
  ['vm/qemu/x.ts', "import { main } from '../../harness/cli/main.ts'; void main;"],
  ['scenarios/reports/x.ts', "import { cached } from '../../vm/cache.ts'; void cached;"],
] as const;

for (const [file, text] of forbidden) {
  t.test(`given ${file} with \`${text}\`, then it is reported`, async (t) => {
    t.not((await complaints(file, text)).length, 0);
  });
}

const allowed = [
  ['harness/model/x.ts', "import { overlay } from '../topology/topology.ts'; void overlay;"],
  ['harness/model/rules/x.ts', "import { depth } from '../depth.ts'; void depth;"],
  ['harness/observe/x.ts', "import type { KernelMessage } from '../../vm/machine.ts'; export type A = KernelMessage;"],
  ['harness/judge/x.ts', "import { predict } from '../model/predict.ts'; predict();"],
  ['harness/run/x.ts', "import { cached } from '../../vm/cache.ts'; void cached;"],
  ['vm/qemu/x.ts', "import { cached } from '../cache.ts'; void cached;"],
  ['scenarios/reports/x.ts', "import { overlay } from '../../harness/topology/builders.ts'; void overlay;"],
] as const;

for (const [file, text] of allowed) {
  t.test(`given ${file} with \`${text}\`, then nothing is reported`, async (t) => {
    t.strictSame(await complaints(file, text), []);
  });
}
