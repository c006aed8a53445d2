import { execa } from 'execa';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { scriptExpectations } from '../../../harness/judge/script-expectations.ts';
import { profileOf } from '../../../harness/model/profile.ts';
import { listScenarios, loadScenarios } from '../../../harness/run/load-scenarios.ts';
import { mount, scenario, type Scenario } from '../../../harness/scenario.ts';
import {
  directoryIn,
  disk,
  erofs,
  erofsDisk,
  erofsImage,
  fileIn,
  imageFile,
  overlay,
  text,
} from '../../../harness/topology/builders.ts';
import { scriptOf } from '../../../harness/topology/script.ts';
import { comment, placed, quoted } from '../../../harness/topology/script/shell-word.ts';
import { damagedImageFile } from '../../../vm/machine.ts';
import { requireProgram } from '../../../vm/programs.ts';
import { fathom, root } from '../../bin/checkout.ts';
import { kernel } from '../run/fake-backend.ts';

const { behaviours } = profileOf(kernel);
const written = (of: Scenario) => scriptOf(of, { expected: scriptExpectations(of, behaviours), of: '6.18.9' });

t.test(
  'given any scenario, then its script is clean by shellcheck, or it is said what a shell cannot make',
  async (t) => {
    const directory = t.testdir({});
    const files: string[] = [];
    const refused: string[] = [];
    for (const { name } of await listScenarios()) {
      const [loaded] = await loadScenarios([name]);
      try {
        const file = path.join(directory, `${name}.sh`);
        await writeFile(file, written(loaded!));
        files.push(file);
      } catch (error) {
        t.match(error, { name: 'UnsupportedError', message: /^a shell cannot make a/ });
        refused.push(name);
      }
    }
    const { stdout, exitCode } = await execa(requireProgram('shellcheck'), ['--shell=sh', ...files], { reject: false });
    t.equal(stdout, '');
    t.equal(exitCode, 0);
    t.same(refused.sort(), [
      'android-apex',
      'bootc-composefs',
      'dm-verity',
      'erofs-damaged-data',
      'erofs-damaged-inodes',
      'erofs-damaged-superblock',
      'erofs-nodes',
      'fedora-coreos-composefs',
      'fs-verity',
    ]);
  },
);

t.test('given words that a shell would take apart, then they stay as they are', async (t) => {
  for (const word of ['', 'plain', "it's", 'a b', '$HOME', '`id`', '"', '\\', 'a\nb', '*', '-n', 'é;|&<>()!#~']) {
    const { stdout } = await execa('/bin/sh', ['-c', `printf %s. ${quoted(word)}`]);
    t.equal(stdout, `${word}.`);
  }
});

t.test('given a path of a plan, then it is in the place of the script, and nothing in it is expanded', async (t) => {
  for (const [word, meant] of [
    ['/fathom/1-erofs/a b', '/R/1-erofs/a b'],
    ['lowerdir=/fathom/1-erofs:/fathom/2-erofs/$x`id`"\\:', 'lowerdir=/R/1-erofs:/R/2-erofs/$x`id`"\\:'],
    ['/run/fathom/loop/l0', '/L/l0'],
    ['/proc/self', '/proc/self'],
  ] as const) {
    const { stdout } = await execa('/bin/sh', ['-c', `root=/R loops=/L; printf %s ${placed(word)}`]);
    t.equal(stdout, meant);
  }
});

t.test('given a text with line ends, then a comment of it stays a comment', (t) => {
  t.equal(comment('a\nrm -rf /\nb'), '# a rm -rf / b\n');
  t.ok(
    comment('word '.repeat(100))
      .split('\n')
      .every((line) => line === '' || line.startsWith('# ')),
  );
  t.end();
});

const image = erofsImage({ a: text('a') });
const on = disk('xfs', { 'i.erofs': imageFile(image) });

t.test('given what a shell cannot do, then a comment says so, and the step is told and not compared', (t) => {
  const of = scenario({
    name: 'cannot',
    shows: 'a descriptor',
    about: [],
    steps: [mount('by descriptor', erofs(fileIn(on, 'i.erofs'), { sourceAs: 'descriptor' }), { api: 'fsopen' })],
  });
  const script = written(of);
  t.match(script, /# A shell cannot: mount\(8\) hands over paths, and no descriptors/);
  t.match(script, /tell cannot 'a shell cannot: /);
  t.end();
});

t.test('given a mount through fsopen(2), then a comment says what of it is lost', (t) => {
  const of = scenario({
    name: 'context',
    shows: 'an overlay',
    about: [],
    steps: [mount('x', overlay({ lower: directoryIn(on, ''), upper: on }), { api: 'fsopen' })],
  });
  t.match(written(of).replaceAll('\n# ', ' '), /mount context's own log, which no shell can/);
  t.end();
});

t.test('given a disk or image that mkfs.erofs does not make, then it is refused, and why is said', (t) => {
  for (const [below, why] of [
    [disk('xfs', { 'i.erofs': damagedImageFile(image, [{ kind: 'checksum' }]) }), /damaged image/],
    [erofsDisk(image, undefined, { salt: '00' }), /dm-verity/],
  ] as const) {
    const top = below.disk.filesystem === 'erofs' ? below : erofs(fileIn(below, 'i.erofs'));
    const of = scenario({ name: 'no', shows: 'nothing', about: [], steps: [mount('x', top)] });
    t.throws(() => written(of), { name: 'UnsupportedError', message: why });
  }
  t.end();
});

t.test('given the command line, then the script comes, and a group is refused', async (t) => {
  const { exitCode, stdout } = await fathom(root, 'script', 'fedora-coreos-2087');
  t.equal(exitCode, 0);
  t.match(stdout, /^#!\/bin\/sh\n# fedora-coreos-2087: /);
  t.match(stdout, /step \d+ 'overlay on that \(the report\)' '\?'/, 'without a kernel nothing is expected');
  t.match(await fathom(root, 'script', 'rules'), { exitCode: 2, stderr: /a script is of one/ });
  t.match(await fathom(root, 'script', 'dm-verity'), {
    exitCode: 125,
    stderr: /cannot make a dm-verity[^]*fathom run/,
  });
});
