import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import { copyOfCheckout, fathom, node, save } from './checkout.ts';

t.test(
  'given a checkout without dist/, when fathom is started, then it is built once and used from then on',
  async (t) => {
    const place = await copyOfCheckout(t, { built: false });
    const first = await fathom(place, '--version');
    t.match(first, { exitCode: 0, stdout: /^\d+\.\d+\.\d+$/, stderr: /building dist/ });
    const second = await fathom(place, '--version');
    t.match(second, { exitCode: 0, stdout: first.stdout, stderr: /^$/ });
  },
);

t.test('given a build, when a source changes or goes, then it is built again without what went', async (t) => {
  const place = await copyOfCheckout(t, { built: true });
  const source = path.join(place, 'harness/cli/short-lived.ts');
  await save(source, 'export const alive = true;\n');
  await fathom(place, '--version');
  await access(path.join(place, 'dist/harness/cli/short-lived.js'));

  await rm(source);
  t.match(await fathom(place, '--version'), { exitCode: 0, stderr: /building dist/ });
  await t.rejects(access(path.join(place, 'dist/harness/cli/short-lived.js')), { code: 'ENOENT' });

  const changed = path.join(place, 'vm/errors.ts');
  await save(changed, await readFile(changed, 'utf8'));
  t.match(await fathom(place, '--version'), { exitCode: 0, stderr: /building dist/ });
});

t.test('given a file that is no TypeScript beside the sources, when built, then dist/ has it too', async (t) => {
  const place = await copyOfCheckout(t, { built: true });
  await save(path.join(place, 'vm/agent/made-up.c'), 'int x;\n');
  await fathom(place, '--version');
  await access(path.join(place, 'dist/vm/agent/made-up.c'));
});

t.test('given two started at once without dist/, then both work and nothing half-built is left', async (t) => {
  const place = await copyOfCheckout(t, { built: false });
  const both = await Promise.all([fathom(place, '--version'), fathom(place, '--version')]);
  for (const one of both) t.match(one, { exitCode: 0, stdout: /^\d/ });
  t.equal(both.filter(({ stderr }) => stderr.includes('building dist')).length, 1, 'one of them built it');
  t.strictSame(
    (await readdir(place)).filter((name) => name.startsWith('dist')),
    ['dist'],
  );
});

t.test(
  'given a source that does not parse, then the compiler is heard, the status is 125, and the next start tries again',
  async (t) => {
    const place = await copyOfCheckout(t, { built: true });
    const file = path.join(place, 'vm/errors.ts');
    await save(file, 'export const = ;\n');
    t.match(await fathom(place, '--version'), {
      exitCode: 125,
      stdout: '',
      stderr: /vm\/errors\.ts\(\d+,\d+\): error TS/,
    });
    t.match(await fathom(place, '--version'), { exitCode: 125, stderr: /error TS/ });
  },
);

/** The copy's table asks for a program that no machine has; what set-up makes of that depends on who runs it. */
async function checkoutThatMisses(t: Test, program: string): Promise<string> {
  const place = await copyOfCheckout(t, { built: true });
  const table = path.join(place, 'dist/vm/programs.js');
  const text = await readFile(table, 'utf8');
  await writeFile(
    table,
    text.replace("program('fallocate', 'util-linux',", `program('${program}', '${program}-package',`),
  );
  return place;
}

const isRoot = process.getuid?.() === 0;

t.test(
  'given a missing program and no root, then set-up says what for and the one line, and ends with 125',
  async (t) => {
    const place = await checkoutThatMisses(t, 'fathom-made-up');
    const nobody = isRoot ? { uid: 65534, gid: 65534 } : {};
    const { exitCode, stderr } = await node(place, 'bin/set-up.js', [], { ...nobody });
    t.equal(exitCode, 125);
    t.match(stderr, 'missing: fathom-made-up, for templates as sparse files');
    t.match(stderr, 'apt-get update && apt-get install --no-install-recommends -y fathom-made-up-package');
  },
);

/** Stands in the search path before the real one: the tests of a machine do not install software on it. */
async function standInForAptGet(place: string, script: string): Promise<{ readonly PATH: string }> {
  const folder = path.join(place, 'stand-in');
  await mkdir(folder);
  await writeFile(path.join(folder, 'apt-get'), `#!/bin/sh\necho "$@" >> ${folder}/called\n${script}\n`, {
    mode: 0o755,
  });
  return { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
}

t.test(
  'given a missing program and root, then set-up installs its package once, and has no work after that',
  { skip: !isRoot },
  async (t) => {
    const place = await checkoutThatMisses(t, 'fathom-made-up');
    const env = await standInForAptGet(place, 'case $1 in install) touch "$(dirname "$0")/fathom-made-up";; esac');
    const setUp = async () => node(place, 'bin/set-up.js', [], { env });
    t.match(await setUp(), { exitCode: 0, stderr: /installing fathom-made-up-package/ });
    t.match(await setUp(), { exitCode: 0, stderr: /^$/ });
    const called = await readFile(path.join(place, 'stand-in/called'), 'utf8');
    t.equal(called, 'update -q\ninstall -q -y --no-install-recommends fathom-made-up-package\n');
  },
);

t.test(
  'given an apt-get that fails, then what it said is shown and the status is 125',
  { skip: !isRoot },
  async (t) => {
    const place = await checkoutThatMisses(t, 'fathom-made-up');
    const env = await standInForAptGet(place, 'echo "E: no network"; exit 100');
    const result = await node(place, 'bin/set-up.js', [], { env });
    t.match(result, { exitCode: 125, stderr: /apt-get update -q: exit status 100\nE: no network/ });
  },
);

t.test(
  'given a checkout that is ready, then the second set-up starts nothing and takes well under 100 ms of its own',
  async (t) => {
    const place = await copyOfCheckout(t, { built: true });
    await fathom(place, '--version');
    const { ensureBuilt, ensurePrograms } = (await import(path.join(place, 'bin/set-up.js'))) as {
      ensureBuilt: () => Promise<void>;
      ensurePrograms: () => Promise<void>;
    };
    const turns: number[] = [];
    for (let turn = 0; turn < 5; turn++) {
      const began = performance.now();
      await ensureBuilt();
      await ensurePrograms();
      turns.push(performance.now() - began);
    }
    // The fastest is its own time; the others have waited for whatever else runs here.
    t.ok(Math.min(...turns) < 100, `${turns.map((ms) => ms.toFixed(1)).join(', ')} ms`);
  },
);
