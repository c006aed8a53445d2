/** D5 to D9: eCryptfs and FUSE. L1 to L4: chains of loop devices, which no scenario of fathom's makes. */
import t from 'tap';
import { isRefusal } from '../../../harness/model/rules/rule.ts';
import { attachLoop, type LoopSubject } from '../../../harness/model/rules/loop.ts';
import { fuseDepth, openFuseBacking } from '../../../harness/model/rules/stackers.ts';
import { superblockOf } from '../../../harness/model/superblock.ts';
import { predict } from '../../../harness/model/predict.ts';
import { backing, mount, write } from '../../../harness/scenario.ts';
import { directoryIn, ecryptfs, fileIn, fuse, overlay, tmpfs } from '../../../harness/topology/builders.ts';
import { onLoop, over, root } from './graphs.ts';
import { answer, behavioursOf, brief, owes, scenarioOf } from './kernels.ts';

const v61 = behavioursOf('6.1.192');
const v73 = behavioursOf('7.3.4');

t.test('D5: given eCryptfs on two overlays, then EINVAL in two lines; on one, depth 2', (t) => {
  const refused = answer(ecryptfs(over(over(onLoop()))), v73);
  t.equal(brief(refused), 'EINVAL D5');
  t.ok(owes(refused, 'eCryptfs: maximum fs stacking depth exceeded'));
  t.ok(owes(refused, 'Reading sb failed; rc = [-22]'));
  t.equal(brief(answer(ecryptfs(over(onLoop())), v73)), 'ok d2');
  t.end();
});

t.test('D6: given eCryptfs on eCryptfs, then EINVAL, before the depth is looked at', (t) => {
  const refused = answer(ecryptfs(ecryptfs(root)), v73);
  t.equal(brief(refused), 'EINVAL D6');
  const line = 'Mount on filesystem of type eCryptfs explicitly disallowed due to known incompatibilities';
  t.ok(owes(refused, line));
  t.equal(brief(answer(ecryptfs(ecryptfs(over(onLoop()))), v73)), 'EINVAL D6');
  t.end();
});

for (const [maxStackDepth, writebackCache, depth] of [
  [0, false, 0],
  [1, false, 1],
  [2, false, 2],
  [3, false, 0],
  [1, true, 0],
] as const)
  t.test(`D7, D9: max_stack_depth ${maxStackDepth}, writeback cache ${writebackCache}, then depth ${depth}`, (t) => {
    const daemon = fuse(root, { maxStackDepth, writebackCache });
    t.equal(fuseDepth(daemon, v73), depth);
    t.equal(fuseDepth(daemon, v61), 0, 'there is no passthrough yet');
    t.equal(fuseDepth(daemon, behavioursOf('7.3.4', { FUSE_PASSTHROUGH: 'n' })), 0);
    t.end();
  });

t.test('given FUSE, then what it shows of D7 and D9 follows from what is granted', (t) => {
  const shown = (depth: number, kernel = v73) => answer(fuse(root, { maxStackDepth: depth }), kernel);
  t.match(shown(2), { exercised: { triggered: ['D7'], spared: ['D9'] } });
  t.match(shown(3), { exercised: { triggered: ['D1', 'D9'], spared: ['D7'] } });
  t.match(shown(2, v61), { exercised: { triggered: ['D1', 'D9'], spared: [] } }, 'a kernel without D7 spares it not');
  const steps = (depth: number) => {
    const passed = fuse(root, { maxStackDepth: depth });
    return [mount('mount', passed), backing('offer', passed, fileIn(root, 'plain.txt'))];
  };
  const offered = (depth: number) =>
    predict({ name: 'test', shows: '', about: [], steps: steps(depth) }, v73).at(-1)?.prediction;
  t.match(offered(1), { kind: 'ok', exercised: { triggered: [], spared: ['D8', 'D9'] } });
  t.strictSame((offered(2) as { exercised?: unknown }).exercised, { triggered: [], spared: ['D9'] }, 'not just lower');
  t.match(offered(3), { kind: 'refused', exercised: { triggered: ['D9'], spared: [] } });
  t.end();
});

t.test('D1: given FUSE without passthrough, then depth 0 on anything', (t) => {
  t.equal(fuseDepth(fuse(over(onLoop())), v73), 0);
  t.end();
});

t.test('D9: given a kernel without passthrough, then there is no such call', (t) => {
  const daemon = fuse(root, { maxStackDepth: 1 });
  t.match(openFuseBacking(daemon, superblockOf(tmpfs(), 0), v61), { rule: 'D9', errno: 'ENOTTY' });
  const without = behavioursOf('7.3.4', { FUSE_PASSTHROUGH: 'n' });
  t.match(openFuseBacking(daemon, superblockOf(tmpfs(), 0), without), { rule: 'D9', errno: 'EOPNOTSUPP' });
  t.end();
});

t.test('O28, O29: given an upper on FUSE, then a warning; over an overlay, which makes no whiteouts, EINVAL', (t) => {
  const made = answer(overlay({ lower: onLoop(), upper: fuse(directoryIn(root, 'layer')) }), v73);
  t.equal(brief(made), 'ok d1');
  t.ok(owes(made, 'overlayfs: upper fs does not support tmpfile.'));
  const refused = answer(overlay({ lower: onLoop(), upper: fuse(over(onLoop())) }), v73);
  t.equal(brief(refused), 'EINVAL O29');
  t.ok(owes(refused, 'overlayfs: upper fs missing required features.'));
  const keeps = 'overlayfs: upper fs does not support xattr, falling back to index=off and metacopy=off.';
  const v510 = behavioursOf('5.10.262');
  t.ok(
    owes(answer(overlay({ lower: onLoop(), upper: fuse(over(onLoop())) }), v510), keeps),
    'it keeps trusted.overlay',
  );
  t.notOk(owes(answer(overlay({ lower: onLoop(), upper: fuse(directoryIn(root, 'layer')) }), v510), keeps));
  t.equal(brief(answer(overlay({ lower: onLoop(), upper: ecryptfs(root) }), v73)), 'EINVAL O29');
  t.equal(
    brief(answer(overlay({ lower: onLoop(), upper: fuse(root, { maxStackDepth: 2 }) }), v73)),
    'EINVAL D3',
    'what an upper declares counts as well',
  );
  t.end();
});

t.test('W1: given FUSE or eCryptfs over what is read-only, then a write is refused by them', (t) => {
  for (const make of [fuse, ecryptfs]) {
    const top = make(onLoop());
    const scenario = scenarioOf(top);
    const steps = [...scenario.steps, write('write', fileIn(top, 'inner'), 'x')];
    t.match(predict({ ...scenario, steps }, v73).at(-1)?.prediction, { rule: 'W1', errno: 'EROFS' });
  }
  t.end();
});

t.test('D8, D9: given a backing file as deep as was declared, then ELOOP; without passthrough, EPERM', (t) => {
  const backing = (depth: number) => superblockOf(tmpfs(), depth);
  const daemon = (maxStackDepth: number) => fuse(root, { maxStackDepth });
  t.match(openFuseBacking(daemon(1), backing(1), v73), { rule: 'D8', errno: 'ELOOP' });
  t.equal(openFuseBacking(daemon(1), backing(0), v73), undefined);
  t.match(openFuseBacking(daemon(2), backing(2), v73), { rule: 'D8', errno: 'ELOOP' });
  t.equal(openFuseBacking(daemon(2), backing(1), v73), undefined);
  t.match(openFuseBacking(daemon(3), backing(0), v73), { rule: 'D9', errno: 'EPERM' });
  t.end();
});

const file = {
  kind: 'regular',
  on: superblockOf(root, 0),
  hasReadIter: true,
  hasWriteIter: true,
  hasDirectIo: true,
  onLoop: false,
} as const;
const chain = (...links: readonly (readonly [string, boolean])[]): LoopSubject['backing'] => ({
  kind: 'loop',
  chain: links.map(([device, bound]) => ({ device, bound })),
});

const LOOPS: readonly (readonly [string, LoopSubject['backing'], typeof v73, string | undefined])[] = [
  ['L1: the chain comes back', chain(['loop1', true], ['loop0', true]), v73, 'EBADF L1'],
  ['L1: a chain that ends', chain(['loop1', true], ['loop2', true]), v73, undefined],
  ['L2: a device without a file', chain(['loop1', true], ['loop2', false]), v73, 'EINVAL L2'],
  ['L1 before L2', chain(['loop1', true], ['loop0', false]), v73, 'EBADF L1'],
  ['L3: a directory', { kind: 'directory' }, v61, 'EINVAL L3'],
  ['L3: a block device', { kind: 'block' }, v61, undefined],
  ['L3: a character device', { kind: 'character' }, v73, 'EINVAL L3'],
  ['L4: no read_iter', { ...file, hasReadIter: false }, v73, 'EINVAL L4'],
  ['L4: no read_iter, not looked at', { ...file, hasReadIter: false }, v61, undefined],
  ['L4: no write_iter, read-only', { ...file, hasWriteIter: false }, v73, undefined],
];

for (const [title, backing, kernel, result] of LOOPS)
  t.test(`${title}: ${result ?? 'attached'}`, (t) => {
    const answer = attachLoop({ backing, device: 'loop0', readOnly: true, directIo: false }, kernel);
    t.equal(isRefusal(answer) ? `${answer.errno} ${answer.rule}` : undefined, result);
    t.end();
  });

t.test('L4: given a file without write_iter, when it is opened for writing, then EINVAL', (t) => {
  const backing = { ...file, hasWriteIter: false };
  t.match(attachLoop({ backing, device: 'loop0', readOnly: false, directIo: false }, v73), { rule: 'L4' });
  t.end();
});
