import t from 'tap';
import { groupsOf, SLOTS, STACK_TRACER } from '../../../harness/run/groups.ts';
import { mount, scenario, seal, sound, type Scenario } from '../../../harness/scenario.ts';
import { disk, erofs, erofsImage, fileIn, imageFile, text, verityDisk } from '../../../harness/topology/builders.ts';

function withDisks(
  name: string,
  count: number,
  filesystem: 'xfs' | 'btrfs' | 'squashfs' = 'xfs',
  sizeBytes?: number,
): Scenario {
  const image = imageFile(erofsImage({ a: text('a') }));
  const mounts = Array.from({ length: count }, () =>
    erofs(fileIn(disk(filesystem, { 'a.erofs': image }, sizeBytes), 'a.erofs')),
  );
  return scenario({ name, shows: '', about: [], steps: mounts.map((each, index) => mount(`mount ${index}`, each)) });
}

const names = (scenarios: readonly Scenario[], share: boolean) =>
  groupsOf(scenarios, share).map((group) => group.scenarios.map(({ name }) => name));

t.test('given scenarios that do not share, then each has a guest of its own, and all have one shape', async (t) => {
  const groups = groupsOf([withDisks('a', 1), withDisks('b', 3)], false);
  t.equal(groups.length, 2);
  t.same(groups[0]?.shape, groups[1]?.shape);
  t.equal(groups[0]?.shape.slots.length, SLOTS);
});

t.test('given --share, then scenarios share a guest while there are slots for all their disks', async (t) => {
  t.same(names([withDisks('a', SLOTS - 2), withDisks('b', 2), withDisks('c', 1)], true), [['a', 'b'], ['c']]);
});

t.test('given other modules or an unusual disk, then it is not shared', async (t) => {
  t.same(names([withDisks('a', 1), withDisks('b', 1, 'btrfs'), withDisks('c', 1)], true), [['a', 'c'], ['b']]);
  t.same(names([withDisks('a', 1), withDisks('b', 1, 'xfs', 1 << 30)], true), [['a'], ['b']]);
});

t.test('given more disks than slots, then the guest has as many', async (t) => {
  t.equal(groupsOf([withDisks('a', SLOTS + 1)], false)[0]?.shape.slots.length, SLOTS + 1);
});

t.test('given a squashfs, then the kernel has to know what mksquashfs packs it with', async (t) => {
  const asked = (filesystem: 'xfs' | 'squashfs') =>
    groupsOf([withDisks('a', 1, filesystem)], false)[0]?.shape.needsConfig;
  t.same(asked('squashfs'), ['SQUASHFS_XATTR', 'SQUASHFS_ZLIB']);
  t.same(asked('xfs'), []);
});

t.test(
  'given files to be sealed, then the kernel has to have fs-verity, and what needs none goes elsewhere',
  async (t) => {
    const sealed = verityDisk({ a: text('a') });
    const sealing: Scenario = { name: 'b', shows: '', about: [], steps: [seal('seal', fileIn(sealed, 'a'))] };
    const groups = groupsOf([withDisks('a', 1), sealing], true);
    t.same(
      groups.map(({ shape }) => shape.needsConfig),
      [[], ['FS_VERITY']],
    );
  },
);

t.test('given a step that asks for the depth, then its guest has the tracer on, and is not shared', async (t) => {
  const plain = withDisks('a', 1);
  const image = plain.steps[0]?.kind === 'mount' ? plain.steps[0].mount : undefined;
  const sounding: Scenario = { ...plain, name: 'b', steps: [...plain.steps, sound('how deep', fileIn(image!, 'a'))] };
  const groups = groupsOf([plain, sounding, { ...sounding, name: 'c' }, { ...plain, name: 'd' }], true);
  t.same(
    groups.map(({ scenarios, shape }) => [scenarios.map(({ name }) => name).join(), shape.needsConfig]),
    [
      ['a,d', []],
      ['b', ['STACK_TRACER']],
      ['c', ['STACK_TRACER']],
    ],
  );
  t.same(groups[1]?.shape.prepare, STACK_TRACER.prepare);
  t.same(groups[0]?.shape.prepare, []);
});

t.test('given a scenario that is to crash its guest, then nothing shares it, before or after', async (t) => {
  const destructive: Scenario = { ...withDisks('b', 1), destructive: 'on purpose' };
  t.same(names([withDisks('a', 1), destructive, withDisks('c', 1)], true).flat(), ['a', 'c', 'b']);
  t.same(names([destructive, withDisks('c', 1)], true), [['b'], ['c']]);
});
