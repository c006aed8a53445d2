/** The oracle of the rules (section 5 of the facts): result per topology and state. */
import t from 'tap';
import type { ProfileName } from '../../../harness/model/profile.ts';
import { copyOf, directoryIn, ecryptfs, erofs, fileIn, fuse, overlay } from '../../../harness/topology/builders.ts';
import type { Mount } from '../../../harness/topology/topology.ts';
import { fileOf, loopOf, memory, onFile, onLoop, over, root } from './graphs.ts';
import { answer, brief, KERNELS } from './kernels.ts';

const ALL: readonly ProfileName[] = ['unchecked', 'counted', 'no-erofs-backing', 'no-stacked-backing'];

/** Columns: states A, B, C, D. */
const ROWS: readonly (readonly [name: string, top: () => Mount, a: string, b: string, c: string, d: string])[] = [
  ['F(ext4)', onFile, 'ok d0', 'ok d1', 'ok d0', 'ok d0'],
  ['O(F)', () => over(onFile()), 'ok d1', 'ok d2', 'ok d1', 'ok d1'],
  ['O(O(F)), #2087', () => over(over(onFile())), 'ok d2', 'EINVAL D3', 'ok d2', 'ok d2'],
  ['O(O(O(F)))', () => over(over(over(onFile()))), 'EINVAL D3', '-', 'EINVAL D3', 'EINVAL D3'],
  ['L(ext4)', onLoop, 'ok d0', 'ok d0', 'ok d0', 'ok d0'],
  ['O(O(L))', () => over(over(onLoop())), 'ok d2', 'ok d2', 'ok d2', 'ok d2'],
  ['O(O(O(L)))', () => over(over(over(onLoop()))), 'EINVAL D3', 'EINVAL D3', 'EINVAL D3', 'EINVAL D3'],
  ['F(F)', () => fileOf(onFile()), 'ok d0', 'ok d2', 'ENOTBLK E9', 'ENOTBLK E10'],
  ['F(F(F))', () => fileOf(fileOf(onFile())), 'ok d0', 'ENOTBLK E8', '-', '-'],
  ['O(F(F))', () => over(fileOf(onFile())), 'ok d1', 'EINVAL D3', '-', '-'],
  ['F(L), APEX', () => fileOf(onLoop()), 'ok d0', 'ok d1', 'ENOTBLK E9', 'ok d0'],
  ['F(O(L))', () => fileOf(over(onLoop())), 'ENOTBLK E4', 'ENOTBLK E4', 'ENOTBLK E4', 'ENOTBLK E4'],
  ['F(O(F))', () => fileOf(over(onFile())), 'ENOTBLK E4', 'ENOTBLK E4', 'ENOTBLK E4', 'ENOTBLK E4'],
  [
    'F(tmpfs)',
    () => erofs(copyOf(fileIn(root, 'image'), memory(), 'image')),
    ...(['ENOTBLK E4', 'ENOTBLK E4', 'ENOTBLK E4', 'ENOTBLK E4'] as const),
  ],
  ['L(O(O(F)))', () => loopOf(over(over(onFile()))), 'ok d0', '-', 'ok d0', 'ok d0'],
  ['O(O(L(O(O(F)))))', () => over(over(loopOf(over(over(onFile()))))), 'ok d2', '-', 'ok d2', 'ok d2'],
  ['O(O(L(O(F))))', () => over(over(loopOf(over(onFile())))), 'ok d2', 'ok d2', 'ok d2', 'ok d2'],
  ['O(O(L(O(O(L)))))', () => over(over(loopOf(over(over(onLoop()))))), 'ok d2', 'ok d2', 'ok d2', 'ok d2'],
  ['F(fuse)', () => fileOf(fuse(layer())), 'ok d0', 'ok d1', 'ok d0', 'ok d0'],
  ['F(fuse passthrough 1)', () => fileOf(passthrough(1)), 'ok d0', 'ok d2', 'ENOTBLK E9', 'ENOTBLK E10'],
  ['F(fuse passthrough 2)', () => fileOf(passthrough(2)), 'ok d0', 'ENOTBLK E8', 'ENOTBLK E9', 'ENOTBLK E10'],
  ['F(ecryptfs)', () => fileOf(ecryptfs(layer())), 'ok d0', 'ok d2', 'ENOTBLK E9', 'ENOTBLK E10'],
  ['ecryptfs(F)', () => ecryptfs(onFile()), 'ok d1', 'ok d2', 'ok d1', 'ok d1'],
  ['ecryptfs(O(F))', () => ecryptfs(over(onFile())), 'ok d2', 'EINVAL D5', 'ok d2', 'ok d2'],
  ['O, upper on O', () => overlay({ lower: onLoop(), upper: over(onLoop()) }), ...same('EINVAL O9')],
  [
    'F with its blob on O(O(ext4))',
    () => erofs(fileIn(root, 'meta'), { devices: [fileIn(over(overLayer()), 'data.blob')] }),
    ...(['ok d0', 'ok d1', 'ok d0', 'ok d0'] as const),
  ],
  [
    'O(F) with a data-only lower on O',
    () => overlay({ lower: onFile(), dataOnly: [overLayer()], upper: root, metacopy: 'on', redirect_dir: 'on' }),
    ...same('ok d2'),
  ],
];

function layer() {
  return directoryIn(root, 'layer');
}

function overLayer() {
  return overlay({ lower: layer(), upper: root });
}

function passthrough(maxStackDepth: number) {
  return fuse(layer(), { maxStackDepth });
}

function same(result: string): [string, string, string, string] {
  return [result, result, result, result];
}

for (const [name, top, ...results] of ROWS)
  t.test(`${name} is ${results.join(', ')} when unchecked, counted, no-erofs-backing, no-stacked-backing`, (t) => {
    t.strictSame(
      ALL.map((profile) => brief(answer(top(), KERNELS[profile]))),
      results,
    );
    t.end();
  });

t.test('given a kernel without file-backed mounts, then each of them is refused, and loop devices are not', (t) => {
  const kernel = KERNELS['no-file-backed'];
  t.equal(brief(answer(onFile(), kernel)), 'ENOTBLK E1');
  t.equal(brief(answer(over(onFile()), kernel)), '-');
  t.equal(brief(answer(fileOf(onLoop()), kernel)), 'ENOTBLK E1');
  t.equal(brief(answer(over(over(onLoop())), kernel)), 'ok d2');
  t.equal(brief(answer(over(over(over(onLoop()))), kernel)), 'EINVAL D3');
  t.end();
});

t.test('given the report, when it is refused, then the sentence names each layer, its depth and the commit', (t) => {
  const refused = answer(over(over(onFile())), KERNELS.counted);
  t.match(refused, {
    kind: 'refused',
    why: 'depth 3 > 2: ovl(ovl(erofs[file]=1)=2)=3, counted since d53cd891f0e4',
  });
  t.end();
});
