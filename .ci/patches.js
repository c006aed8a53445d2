#!/usr/bin/env node
/**
 * `npm run test:patches [-- DIR]`: a kernel built from Debian's linux-source, told from itself with each patch of
 * test/patches/ by `fathom diff --patch`, and one of them found by `git bisect run`. Longer than CI: the kernel is built
 * once, for stack-of-three almost once more. DIR (default: a new one in /var/tmp) keeps the tree for the next time.
 */
import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { $ } from 'zx';

const SOURCE = 'linux-source-6.12';
const root = path.join(import.meta.dirname, '..');
const fathom = path.join(root, 'bin/fathom.js');
const place = path.resolve(process.argv[2] ?? (await mkdtemp('/var/tmp/fathom-patches-')));
const tree = path.join(place, 'linux');
const patch = (name) => path.join(root, 'test/patches', `${name}.mbox`);
const failures = [];
const say = (text) => process.stdout.write(`${text}\n`);
const inTree = $({ cwd: tree, quiet: true });

function check(good, what) {
  say(`${good ? 'ok' : 'not ok'} - ${what}`);
  if (!good) failures.push(what);
}

async function timed(what, work) {
  const start = Date.now();
  const result = await work();
  say(`${what}: ${((Date.now() - start) / 1000).toFixed(0)} s`);
  return result;
}

const missing = [];
for (const program of ['make', 'gcc', 'flex', 'bison', 'bc', 'git'])
  if ((await $({ quiet: true, nothrow: true })`command -v ${program}`).exitCode !== 0) missing.push(program);
if (missing.length > 0) {
  process.stderr.write(
    `a kernel cannot be built here: no ${missing.join(', ')}\n` +
      'as root: apt-get install make gcc flex bison bc git libelf-dev\n',
  );
  process.exit(2);
}

await mkdir(place, { recursive: true });
if (!existsSync(path.join(tree, 'Makefile'))) {
  await timed(`${SOURCE} fetched and unpacked`, async () => {
    await $({ cwd: place, quiet: true })`apt-get download ${SOURCE}`;
    await $({
      cwd: place,
      quiet: true,
    })`sh -c 'dpkg-deb --fsys-tarfile linux-source-*.deb | tar -x -O --wildcards "./usr/src/*.tar.xz" | tar -x -J'`;
    await $({ cwd: place, quiet: true })`sh -c 'rm linux-source-*.deb && mv linux-source-* linux'`;
  });
}
if (!existsSync(path.join(tree, '.config'))) {
  await writeFile(
    path.join(place, 'fathom.config'),
    (await $({ quiet: true })`node ${fathom} kconfig --minimal`).stdout,
  );
  await inTree`make KCONFIG_ALLCONFIG=${path.join(place, 'fathom.config')} allnoconfig`;
}
await timed('the kernel built', () => inTree`make -j${availableParallelism()} bzImage modules`);

const judged = (args) => $({ quiet: true, nothrow: true })`node ${fathom} ${args}`;
const all = await timed('every scenario on it', () => judged(['run', '--kernel', `tree:${tree}`]));
check(all.exitCode === 0, `it behaves as its version: ${all.stdout.trimEnd().split('\n').at(-1)}`);

const TOLD = {
  'erofs-counted': [/erofsStacking: \S+ -> counted/, /overlay on that \(the report\): ok -> EINVAL/],
  'stack-of-three': [/maxStackDepth: 2 -> 3/, /a third overlay: EINVAL -> ok/],
};
async function tellApart(name) {
  const args = [
    'diff',
    '--patch',
    patch(name),
    '--tree',
    tree,
    '--scenario',
    'reports',
    '--scenario',
    'oracle',
    '--no-stack',
  ];
  const { exitCode, stdout, stderr } = await timed(`diff --patch ${name}.mbox`, () => judged(args));
  say(stdout || stderr);
  check(exitCode === 1 && TOLD[name].every((pattern) => pattern.test(stdout)), `${name} is told`);
}

await tellApart('erofs-counted');

/** A history of what the patches are about: git looks at no file besides. */
const work = await mkdtemp(path.join(tmpdir(), 'fathom-bisect-'));
const gitDirectory = path.join(work, 'git');
const git = $({
  cwd: tree,
  quiet: true,
  env: {
    ...process.env,
    PATH: `${work}:${process.env.PATH}`,
    GIT_DIR: gitDirectory,
    GIT_WORK_TREE: tree,
    ...Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((who) => [
        [`GIT_${who}_NAME`, 'fathom'],
        [`GIT_${who}_EMAIL`, 'fathom@example.org'],
      ]),
    ),
  },
});
try {
  await writeFile(path.join(work, 'fathom'), `#!/bin/sh\nexec node ${fathom} "$@"\n`, { mode: 0o755 });
  await git`git init -q`;
  await writeFile(path.join(gitDirectory, 'info/exclude'), '*\n');
  await git`sh -c 'git add -f fs/erofs/*.[ch] fs/overlayfs/*.[ch]'`;
  await git`git commit -q -m linux-source`;
  const commit = async (file, text, message) => {
    await appendFile(path.join(tree, file), text);
    await git`git commit -q -a -m ${message}`;
  };
  const util = path.join(tree, 'fs/overlayfs/util.c');
  const before = await readFile(util, 'utf8');
  await commit('fs/erofs/inode.c', '/* nothing */\n', 'erofs: a comment');
  await commit('fs/overlayfs/readdir.c', '/* nothing */\n', 'overlayfs: a comment');
  await commit('fs/overlayfs/util.c', '#error "does not build"\n', 'overlayfs: does not build');
  await writeFile(util, before);
  await git`git commit -q -a -m ${'overlayfs: builds again'}`;
  await git`git am -q ${patch('erofs-counted')}`;
  await commit('fs/erofs/data.c', '/* nothing */\n', 'erofs: another comment');
  await git`git bisect start HEAD HEAD~6`;
  const { stdout } = await timed(
    'bisect',
    () => git({ nothrow: true })`git bisect run fathom run fedora-coreos-2087 --kernel tree:. --build`,
  );
  say((await git`git bisect log`).stdout);
  check(
    /is the first bad commit/.test(stdout) && /erofs: count a file-backed mount/.test(stdout),
    'bisect finds the commit',
  );
  check(/# skip: .*does not build/.test((await git`git bisect log`).stdout), 'and skips the one that does not build');
} finally {
  // The tree as it was, and up to date.
  await git({ nothrow: true })`sh -c 'git bisect reset; git checkout -q -f $(git rev-list --max-parents=0 HEAD)'`;
  await rm(work, { recursive: true });
  await inTree({ nothrow: true })`make -j${availableParallelism()} bzImage modules`;
}
// The header that it changes has nearly all built anew, so it comes last.
await tellApart('stack-of-three');
say(`${place} may be removed, or named the next time`);
say(failures.length === 0 ? 'all told' : `${failures.length} failed: ${failures.join('; ')}`);
process.exitCode = failures.length === 0 ? 0 : 1;
