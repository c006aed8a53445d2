import t from 'tap';
import { groupsOf, SLOTS } from '../../../harness/run/groups.ts';
import { mount, scenario, type Scenario } from '../../../harness/scenario.ts';
import { disk, erofs, erofsImage, fileIn, imageFile, text } from '../../../harness/topology/builders.ts';

function withDisks(name: string, count: number, filesystem: 'xfs' | 'btrfs' = 'xfs', sizeBytes?: number): Scenario {
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
