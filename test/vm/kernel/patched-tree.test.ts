/** Building a tree and patching it, on one whose Makefile copies a source to where the boot image lies. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { hostArchitecture } from '../../../vm/architecture.ts';
import { makeTree } from '../../../vm/kernel/make-tree.ts';
import { applyPatch, checkPatch } from '../../../vm/kernel/patch.ts';
import { buildBoth } from '../../../vm/kernel/patched-tree.ts';

const { signal } = new AbortController();
const { image } = hostArchitecture();
const RECORD = '.fathom-applied.patch';
const told = (lines: string[]) => ({ signal, onProgress: (text: string) => void lines.push(text) });

const MAKEFILE = `
olddefconfig:
	@grep -q . .config
${image}: arch/x86/boot/${image}
arch/x86/boot/${image}: fs/super.c
	@mkdir -p arch/x86/boot
	@! grep -n broken fs/super.c || { echo "fs/super.c: error: broken" >&2; exit 1; }
	@echo "  CC      fs/super.o"
	cp fs/super.c $@
modules:
`;

async function tree(t: Test): Promise<string> {
  const directory = path.join(t.testdir({}), 'linux');
  await mkdir(path.join(directory, 'fs'), { recursive: true });
  await writeFile(path.join(directory, 'Makefile'), MAKEFILE);
  await writeFile(path.join(directory, '.config'), 'CONFIG_X=y\n');
  await writeFile(path.join(directory, 'fs/super.c'), 'one\ntwo\nthree\n');
  return directory;
}

const patchOf = (from: string, to: string): string =>
  `--- a/fs/super.c\n+++ b/fs/super.c\n@@ -1,3 +1,3 @@\n one\n-${from}\n+${to}\n three\n`;

async function patchFile(t: Test, text: string): Promise<string> {
  const file = path.join(t.testdirName, 'change.mbox');
  await writeFile(file, `From: a\nSubject: [PATCH] change\n\nWhy.\n---\n${text}`);
  return file;
}

const source = (directory: string): Promise<string> => readFile(path.join(directory, 'fs/super.c'), 'utf8');
const built = (directory: string): Promise<string> => readFile(path.join(directory, 'arch/x86/boot', image), 'utf8');

t.test('given a tree, then it is built, and again only when something has changed', async (t) => {
  const directory = await tree(t);
  await makeTree(directory, told([]));
  t.equal(await built(directory), 'one\ntwo\nthree\n');
  await writeFile(path.join(directory, 'arch/x86/boot', image), 'newer');
  await makeTree(directory, told([]));
  t.equal(await built(directory), 'newer');
});

t.test(
  'given what is no tree, not configured or does not build, then it is said, and what the compiler said',
  async (t) => {
    const directory = await tree(t);
    await t.rejects(makeTree(path.join(directory, 'fs'), told([])), { name: 'UsageError', message: /no Makefile/ });
    await writeFile(path.join(directory, 'fs/super.c'), 'broken');
    await t.rejects(makeTree(directory, told([])), {
      name: 'UnsupportedError',
      message: /linux does not build: .*exit status 2(.|\n)*fs\/super\.c: error: broken/,
    });
    const { config } = { config: path.join(directory, '.config') };
    await execa('rm', [config]);
    await t.rejects(makeTree(directory, told([])), { name: 'UsageError', message: /not configured: `fathom kconfig/ });
  },
);

t.test('given an abort, then make and all that it has started end', async (t) => {
  const directory = await tree(t);
  await writeFile(path.join(directory, 'Makefile'), 'olddefconfig:\n\t@echo $$PPID > pid; sleep 1000\n');
  const stop = new AbortController();
  const building = makeTree(directory, { signal: stop.signal, onProgress: () => undefined });
  while (!existsSync(path.join(directory, 'pid'))) await delay(20);
  const pid = Number(await readFile(path.join(directory, 'pid'), 'utf8'));
  stop.abort(new Error('enough'));
  await t.rejects(building, { message: 'enough' });
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

t.test('given a patch, then it is in the sources until it is disposed of', async (t) => {
  const directory = await tree(t);
  const file = await patchFile(t, patchOf('two', 'TWO'));
  await checkPatch(directory, file, told([]));
  {
    await using _patch = await applyPatch(directory, file, signal);
    t.equal(await source(directory), 'one\nTWO\nthree\n');
    t.ok(existsSync(path.join(directory, RECORD)));
    await t.rejects(checkPatch(directory, await patchFile(t, patchOf('x', 'y')), told([])), {
      message: /does not apply/,
    });
  }
  t.equal(await source(directory), 'one\ntwo\nthree\n');
  t.notOk(existsSync(path.join(directory, RECORD)));
});

t.test('given a series in which one patch builds on another, then it applies as a whole', async (t) => {
  const directory = await tree(t);
  const file = await patchFile(t, patchOf('two', 'TWO') + `From: a\n\n---\n${patchOf('TWO', '2')}`);
  await checkPatch(directory, file, told([]));
  {
    await using _patch = await applyPatch(directory, file, signal);
    t.equal(await source(directory), 'one\n2\nthree\n');
  }
  t.equal(await source(directory), 'one\ntwo\nthree\n');
});

t.test('given a tree within a repository, then the patch is about the tree all the same', async (t) => {
  const directory = await tree(t);
  await execa('git', ['init', '-q', path.dirname(directory)]);
  const file = await patchFile(t, patchOf('two', 'TWO'));
  await using _patch = await applyPatch(directory, file, signal);
  t.equal(await source(directory), 'one\nTWO\nthree\n');
});

t.test('given a patch that cannot be used, then it is said why, and the sources stay', async (t) => {
  const directory = await tree(t);
  const refused = (file: string, message: RegExp) =>
    t.rejects(checkPatch(directory, file, told([])), { name: 'UsageError', message });
  await refused(path.join(directory, 'absent.patch'), /cannot read the patch .*absent\.patch/);
  await refused(
    await patchFile(t, patchOf('zwei', 'drei')),
    /change\.mbox does not apply to .*linux:(.|\n)*fs\/super\.c/,
  );
  await refused(await patchFile(t, 'no diff at all\n'), /does not apply(.|\n)*No valid patches/);
  await writeFile(path.join(directory, 'fs/super.c'), 'one\nTWO\nthree\n');
  await refused(await patchFile(t, patchOf('two', 'TWO')), /change\.mbox is in .*linux already/);
  t.equal(await source(directory), 'one\nTWO\nthree\n');
});

t.test('given what a fathom left that was killed, then it is taken back first', async (t) => {
  const directory = await tree(t);
  const file = await patchFile(t, patchOf('two', 'TWO'));
  await applyPatch(directory, file, signal);
  const lines: string[] = [];
  await checkPatch(directory, file, told(lines));
  t.equal(await source(directory), 'one\ntwo\nthree\n', 'killed with the patch in');
  t.match(lines, [/taking back the patch that an earlier fathom left/]);
  await writeFile(path.join(directory, RECORD), await readFile(file));
  await checkPatch(directory, file, told([]));
  t.notOk(existsSync(path.join(directory, RECORD)), 'killed before it was in');
  await writeFile(path.join(directory, RECORD), patchOf('zwei', 'drei'));
  await t.rejects(checkPatch(directory, file, told([])), { name: 'UsageError', message: /can neither be taken back/ });
});

t.test('given a tree and a patch, then both kernels come of it and the tree is as it was', async (t) => {
  const directory = await tree(t);
  const file = await patchFile(t, patchOf('two', 'TWO'));
  const { before, after } = await buildBoth(directory, file, path.join(t.testdirName, 'both'), told([]));
  t.match([before, after], [/before\/linux$/, /after\/linux\+change\.mbox$/]);
  t.equal(await built(before), 'one\ntwo\nthree\n');
  t.equal(await built(after), 'one\nTWO\nthree\n');
  t.equal(await source(directory), 'one\ntwo\nthree\n');
  t.equal(await built(directory), 'one\ntwo\nthree\n', 'and not the patched kernel under its name');
  await writeFile(path.join(directory, 'fs/super.c'), 'changed\n');
  // Later, as a person's change is: a file's time has the grain of the kernel's tick.
  const later = new Date(Date.now() + 1_000);
  await utimes(path.join(directory, 'fs/super.c'), later, later);
  await makeTree(directory, told([]));
  t.equal(await built(directory), 'changed\n', 'and make sees what is changed later');
});

t.test('given a patch that does not build, then it is said, and the tree is as it was', async (t) => {
  const directory = await tree(t);
  const file = await patchFile(t, patchOf('two', 'broken'));
  await t.rejects(buildBoth(directory, file, path.join(t.testdirName, 'both'), told([])), {
    name: 'UnsupportedError',
    message: /does not build/,
  });
  t.equal(await source(directory), 'one\ntwo\nthree\n');
  t.equal(await built(directory), 'one\ntwo\nthree\n');
  t.notOk(existsSync(path.join(directory, RECORD)));
});
