/** B3, O13 to O15: what kernels make of an ext4 whose directories can fold case, and of overlays on it. */
import t from 'tap';
import { predict } from '../../../harness/model/predict.ts';
import { mount } from '../../../harness/scenario.ts';
import { casefoldDisk, directory, directoryIn, disk, newDirectory } from '../../../harness/topology/builders.ts';
import { lowerdir, writtenOverlay } from '../../../harness/topology/written-overlay.ts';
import type { DirectoryIn } from '../../../harness/topology/topology.ts';
import type { Encoding } from '../../../vm/machine.ts';
import { behavioursOf } from './kernels.ts';

/** The disk's mount, and that of an overlay with one layer that folds case, or could. */
function outcome(kernel: string, layer: 'plain' | 'folded', encoding: Encoding = 'utf8', unicode: 'y' | 'n' = 'y') {
  const one = casefoldDisk({ plain: directory({}), other: directory({}) }, encoding);
  const at = (name: string): DirectoryIn =>
    layer === 'plain' ? directoryIn(one, name) : newDirectory(one, `f-${name}`, 'casefolded');
  const steps = [
    mount('disk', one),
    mount('mixed', writtenOverlay(lowerdir(directoryIn(disk('xfs', { a: directory({}) }), 'a'), ':', at('plain')))),
    mount('all', writtenOverlay(lowerdir(at('plain'), ':', at('other')))),
  ];
  return predict({ name: 'x', shows: '', about: [], steps }, behavioursOf(kernel, { UNICODE: unicode }))
    .map(({ prediction }) =>
      prediction.kind === 'refused' ? `${prediction.rule} ${prediction.errno}` : prediction.kind,
    )
    .join(', ');
}

t.test('given an ext4 that can fold case, then each era refuses as it does', (t) => {
  t.equal(outcome('6.1.192', 'plain'), 'ok, O13 EINVAL, O13 EINVAL');
  t.equal(outcome('6.12.57', 'plain'), 'ok, O14 EINVAL, O14 EINVAL');
  t.equal(outcome('6.17.8', 'plain'), 'ok, ok, ok');
  t.equal(outcome('6.17.8', 'folded'), 'ok, O14 EINVAL, O14 EINVAL');
  t.equal(outcome('7.3.4', 'plain'), 'ok, ok, ok');
  t.equal(outcome('7.3.4', 'folded'), 'ok, O15 EINVAL, ok');
  t.equal(outcome('7.3.4', 'folded', 'utf8-strict'), 'ok, O15 EINVAL, O15 EINVAL');
  t.end();
});

t.test('B3: given a kernel without CONFIG_UNICODE, then it is refused, and all on it is out of reach', (t) => {
  t.equal(outcome('5.10.262', 'plain', 'utf8', 'n'), 'B3 EINVAL, unreachable, unreachable');
  t.equal(outcome('6.1.192', 'plain', 'utf8', 'n'), 'B3 EINVAL, unreachable, unreachable');
  const plain = disk('ext4', {});
  const steps = [mount('disk', plain)];
  t.match(predict({ name: 'x', shows: '', about: [], steps }, behavioursOf('5.10.262', { UNICODE: 'n' })), [
    { prediction: { kind: 'ok', exercised: { spared: ['B3'] } } },
  ]);
  t.end();
});
