/** What cannot be meant is refused before anything is built, by name. */
import t from 'tap';
import { attach, mount, read, write, type Scenario, type Step } from '../../../harness/scenario.ts';
import {
  casefoldDisk,
  copyOf,
  directory,
  directoryIn,
  disk,
  erofs,
  erofsDisk,
  erofsImage,
  fileIn,
  ecryptfs,
  fuse,
  hardLink,
  imageFile,
  loop,
  missingFile,
  node,
  overlay,
  text,
  tmpfs,
  whiteout,
} from '../../../harness/topology/builders.ts';
import { validateScenario } from '../../../harness/topology/validate.ts';
import { UsageError } from '../../../vm/machine.ts';

const image = erofsImage({ 'data.txt': text('x'), sub: directory({}) });
const blobs = erofsImage({ 'data.txt': text('x') }, { chunkBytes: 4096, blobs: 1 });
const root = disk('xfs', {
  image: imageFile(image),
  blobs: imageFile(blobs),
  layer: directory({}),
  'a.txt': text('a'),
});
const os = erofs(fileIn(root, 'image'));
const imageLoop = loop(fileIn(root, 'image'));
const onLoop = erofs(imageLoop);
const lacking = erofs(fileIn(root, 'blobs'));
const readOnly = overlay({ lower: [root, tmpfs()] });

function faultsOf(steps: readonly Step[], name = 'test'): readonly string[] {
  const scenario: Scenario = { name, shows: '', about: [], steps };
  try {
    validateScenario(scenario);
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const [head, ...faults] = error.message.split('\n');
    if (head !== `scenario ${name} cannot be meant:`) throw error;
    return faults.map((fault) => fault.trim());
  }
}

const BAD: readonly (readonly [title: string, steps: readonly Step[], fault: string | RegExp])[] = [
  ['no steps', [], 'it has no steps'],
  [
    'a program whose output is not its file',
    [mount('os', os), read('run', fileIn(os, 'data.txt'), { by: 'exec' })],
    /step "run": data\.txt of .* is not the program that prints itself/,
  ],
  ['a step twice', [mount('a', os), mount('a', onLoop)], 'step "a" is there twice'],
  ['a step without a name', [mount('', os)], /step "": a name has 1 to 100 bytes/],
  ['a name of 101 bytes', [mount('é'.repeat(50) + 'x', os)], /a name has 1 to 100 bytes/],
  ['a name like a set-up', [mount('set-up: x', os)], /does not begin with "set-up:"/],
  [
    'a mount on what is not there',
    [mount('o', overlay({ lower: os, upper: root }))],
    'step "o" stands on erofs[file](xfs), which no earlier step mounts',
  ],
  ['an order upside down', [mount('o', overlay({ lower: os, upper: root })), mount('e', os)], /step "o" stands on/],
  ['a mount twice', [mount('a', os), mount('b', os)], 'step "b" mounts erofs[file](xfs), which is mounted by then'],
  [
    'a disk mounted after it was needed',
    [mount('a', os), mount('disk', root)],
    'step "disk" mounts xfs, which is mounted by then',
  ],
  ['an image that is not there', [mount('a', erofs(fileIn(root, 'nowhere')))], 'step "a": there is no nowhere on xfs'],
  [
    'a blob that is not there',
    [mount('a', erofs(fileIn(root, 'image'), { devices: [fileIn(root, 'no')] }))],
    'step "a": there is no no on xfs',
  ],
  [
    'a copy of nothing',
    [mount('a', erofs(copyOf(fileIn(root, 'no'), tmpfs(), 'x')))],
    'step "a": there is no no on xfs',
  ],
  [
    'a copy to a read-only place',
    [mount('a', erofs(copyOf(fileIn(root, 'image'), erofsDisk(image), 'x')))],
    'step "a": image cannot be copied to erofs[disk]: it is read-only',
  ],
  [
    'a layer that is a file',
    [mount('a', overlay({ lower: directoryIn(root, 'a.txt'), upper: root }))],
    'step "a": a.txt is not a directory of xfs',
  ],
  [
    'a data-only layer that is not there',
    [mount('a', overlay({ lower: root, dataOnly: [directoryIn(root, 'no')], upper: root }))],
    'step "a": no is not a directory of xfs',
  ],
  [
    'an upper on a read-only place',
    [mount('a', overlay({ lower: root, upper: erofsDisk(image) }))],
    'step "a": upperdir or workdir cannot be made on erofs[disk]: it is read-only',
  ],
  [
    'a workdir on a read-only place',
    [mount('a', overlay({ lower: root, upper: { on: root, workOn: erofsDisk(image) } }))],
    /cannot be made on erofs\[disk\]/,
  ],
  [
    'an upper on a read-only overlay',
    [mount('a', readOnly), mount('b', overlay({ lower: root, upper: readOnly }))],
    /cannot be made on ovl\[ro\]\(xfs, tmpfs\)/,
  ],
  [
    'half a stack depth',
    [mount('a', fuse(root, { maxStackDepth: 0.5 }))],
    'step "a": max_stack_depth 0.5 is no whole number from 0 to 4294967295',
  ],
  [
    'a stack depth that the protocol has no room for',
    [mount('a', fuse(root, { maxStackDepth: 2 ** 32 }))],
    'step "a": max_stack_depth 4294967296 is no whole number from 0 to 4294967295',
  ],
  ['FUSE through fsopen', [mount('a', fuse(root), { api: 'fsopen' })], 'step "a": FUSE is mounted with mount(2) alone'],
  ['FUSE over a file', [mount('a', fuse(directoryIn(root, 'image')))], 'step "a": image is not a directory of xfs'],
  ['eCryptfs over nothing', [mount('a', ecryptfs(directoryIn(root, 'no')))], 'step "a": no is not a directory of xfs'],
  ['a read of a directory', [read('a', fileIn(root, 'layer'))], 'step "a": layer is not a file of xfs'],
  ['a read of nothing', [read('a', fileIn(root, 'no'))], 'step "a": no is not a file of xfs'],
  ['a write to an image', [write('a', fileIn(root, 'image'), 'x')], 'step "a": image is not a file of xfs'],
  [
    'a read from a blob that no option names',
    [mount('a', lacking), read('b', fileIn(lacking, 'data.txt'))],
    'step "b": data.txt lies in a blob, and the erofs mount has no device= for it',
  ],
  [
    'a loop device on nothing, not attached in a step',
    [mount('a', erofs(loop(missingFile(root, 'no'))))],
    'step "a" needs a loop device on no, which is no file: attach it in a step',
  ],
  [
    'a disk that not every kernel mounts, which no step mounts',
    [mount('a', overlay({ lower: directoryIn(casefoldDisk({ a: directory({}) }), 'a'), upper: root }))],
    'step "a" stands on ext4, which no earlier step mounts',
  ],
  [
    'an erofs with a context of others',
    [mount('a', erofs(fileIn(root, 'image')), { by: 'foreign-context', api: 'fsopen' })],
    'step "a": only overlays are mounted by others, and erofs from a user namespace',
  ],
  [
    'a blob on a loop device on nothing',
    [mount('a', erofs(fileIn(root, 'image'), { devices: [loop(missingFile(root, 'no'))] }))],
    'step "a" needs a loop device on no, which is no file: attach it in a step',
  ],
  [
    'a loop device on a directory, not attached in a step',
    [mount('a', erofs(loop(fileIn(root, 'layer'))))],
    /step "a" needs a loop device on layer, which is no file/,
  ],
  [
    'a loop device attached twice',
    [mount('a', onLoop), attach('b', imageLoop)],
    'step "b" attaches a loop device that is attached by then',
  ],
];

for (const [title, steps, fault] of BAD)
  t.test(`given ${title}, then it is refused by name`, (t) => {
    const faults = faultsOf(steps);
    t.ok(
      faults.some((each) => (typeof fault === 'string' ? each === fault : fault.test(each))),
      faults.join('\n') || 'no fault was found',
    );
    t.end();
  });

for (const name of ['', 'Upper', 'a b', '-a', 'x'.repeat(64)])
  t.test(`given the name "${name}", then it is refused`, (t) => {
    t.match(faultsOf([mount('a', os)], name)[0], /use lower-case letters/);
    t.end();
  });

const device = loop(missingFile(root, 'no'));
const good: readonly (readonly [title: string, steps: readonly Step[]])[] = [
  [
    'a stack in order',
    [mount('a', os), mount('b', overlay({ lower: os, upper: root })), read('c', fileIn(os, 'data.txt'))],
  ],
  ['a disk mounted by a step before it is needed', [mount('disk', root), mount('a', os)]],
  ['a missing image', [mount('a', erofs(missingFile(root, 'no')))]],
  ['a loop device on nothing, attached in a step', [attach('a', device), mount('b', erofs(device))]],
  [
    'an upper without a workdir, which is what is shown',
    [mount('a', overlay({ lower: root, upper: { on: root, withoutWork: true } }))],
  ],
  [
    'a directory of an image as layer',
    [mount('a', os), mount('b', overlay({ lower: directoryIn(os, 'sub'), upper: root }))],
  ],
  ['a name of 100 bytes', [mount('é'.repeat(50), os)]],
];

for (const [title, steps] of good)
  t.test(`given ${title}, then it is taken`, (t) => {
    t.strictSame(faultsOf(steps), []);
    t.end();
  });

t.test('given several faults, then all are told at once', (t) => {
  t.equal(faultsOf([mount('a', erofs(fileIn(root, '1'))), mount('a', erofs(fileIn(root, '2')))]).length, 3);
  t.end();
});

t.test('given a FIFO or a device for an image, then it is said that the model knows nothing of that', (t) => {
  const holder = erofs(
    fileIn(
      disk('xfs', { h: imageFile(erofsImage({ fifo: node('fifo'), gone: whiteout(), name: hardLink('fifo') })) }),
      'h',
    ),
  );
  for (const name of ['fifo', 'gone', 'name'])
    t.match(faultsOf([mount('holder', holder), mount('a', erofs(fileIn(holder, name)))]), [
      new RegExp(`^step "a": ${name} .* is a (fifo|whiteout): fathom mounts files, and tries directories`),
    ]);
  t.match(faultsOf([mount('holder', holder), attach('a', loop(fileIn(holder, 'fifo')))]), [/fifo .* is a fifo/]);
  t.end();
});
