/** The files in ci/: what they run is what the command line knows. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { readKnown } from '../harness/cli/known-option.ts';
import { fathom, root } from './bin/checkout.ts';

const PLACE = path.join(root, 'ci');
const files = (await readdir(PLACE, { recursive: true })).filter((name) => /\.(yaml|fmf)$/.test(name)).sort();

/** All strings of a document, at whatever depth. */
function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
}

/** `run --kernel …` of each call of fathom. */
const callsIn = (text: string): readonly string[] =>
  [...text.matchAll(/(?:npx fathom|bin\/fathom\.js) ([^\n]*)/g)].map(([, call = '']) => call);

t.test('given the files for CI, then there are those of the docs, and each is YAML', async (t) => {
  t.strictSame(files, ['github-actions.yaml', 'gitlab-ci.yaml', 'known.yaml', 'kubernetes-job.yaml', 'tmt/fathom.fmf']);
  for (const name of files) t.type(parse(await readFile(path.join(PLACE, name), 'utf8')), 'object', name);
  t.strictSame(await readKnown(path.join(PLACE, 'known.yaml')), []);
});

t.test('given the calls of fathom in them, then every command and option is one that there is', async (t) => {
  const helps = new Map<string, string>();
  let calls = 0;
  for (const name of files.filter((one) => one !== 'known.yaml')) {
    const document: unknown = parse(await readFile(path.join(PLACE, name), 'utf8'));
    for (const call of strings(document).flatMap(callsIn)) {
      calls++;
      const [command = ''] = call.split(' ');
      const help = helps.get(command) ?? (await fathom(root, command, '--help')).stdout;
      helps.set(command, help);
      t.match(help, new RegExp(`^Usage: fathom ${command} `), `${name}: ${command}`);
      for (const [option] of call.matchAll(/(?<=\s)--[a-z-]+/g))
        t.match(help, new RegExp(`^ .*${option}\\b`, 'm'), `${name}: ${command} ${option}`);
    }
  }
  t.ok(calls >= 6, `${calls} calls`);
});
