/** What works instead of a refused mount. */
import t from 'tap';
import { alternativeTo } from '../../../harness/judge/alternative.ts';
import { judgeRun } from '../../../harness/judge/judge.ts';
import { predict } from '../../../harness/model/predict.ts';
import type { Behaviours } from '../../../harness/model/behaviour.ts';
import { mount, type Scenario } from '../../../harness/scenario.ts';
import { erofs, fileIn, overlay, tmpfs } from '../../../harness/topology/builders.ts';
import type { Mount } from '../../../harness/topology/topology.ts';
import { fileOf, onFile, onLoop, over, root } from '../model/graphs.ts';
import { KERNELS, scenarioOf } from '../model/kernels.ts';
import { completed, failed, ok } from './results.ts';

/** The clause for the last step; `mounted` names other steps that the kernel did. */
function alternative(scenario: Scenario, kernel: Behaviours, step = 'top'): string | undefined {
  const predictions = predict(scenario, kernel);
  const results = predictions.map(({ step: name, prediction }) =>
    prediction.kind === 'refused' ? failed(name, prediction.errno) : ok(name),
  );
  const judgements = judgeRun(predictions, completed(results), () => '');
  return alternativeTo(
    judgements.find((each) => each.step === step)!,
    scenario,
    judgements,
    kernel,
  );
}

const top = (of: Mount, kernel: Behaviours) => alternative(scenarioOf(of), kernel);

t.test('given the report refused, then a loop device is predicted to mount', (t) => {
  t.equal(top(over(over(onFile())), KERNELS.counted), 'on a loop device it is predicted to mount (d2)');
  t.end();
});

t.test('given the report refused, when the same stack was seen on a loop device, then that is told', (t) => {
  const [file, loop] = [onFile(), onLoop()];
  const [fileFirst, loopFirst] = [over(file), over(loop)];
  const steps = [file, fileFirst, over(fileFirst), loop, loopFirst, over(loopFirst)].map((each, index) =>
    mount(String(index), each),
  );
  const scenario: Scenario = { name: 'test', shows: '', about: [], steps };
  t.equal(alternative(scenario, KERNELS.counted, '2'), 'on a loop device it mounts (seen: ok d2)');
  t.equal(alternative(scenario, KERNELS.counted, '1'), undefined, 'what mounts needs no alternative');
  t.end();
});

t.test('given a refusal by source or stacking, then a loop device is named', (t) => {
  t.match(top(onFile(), KERNELS['no-file-backed']), /predicted to mount \(d0\)/);
  t.match(top(fileOf(over(onLoop())), KERNELS['no-stacked-backing']), /predicted to mount \(d0\)/);
  t.match(top(fileOf(onFile()), KERNELS['no-stacked-backing']), /predicted to mount \(d0\)/);
  t.end();
});

t.test('given a refusal that a loop device does not change, then nothing is said', (t) => {
  t.equal(top(over(over(over(onLoop()))), KERNELS.unchecked), undefined, 'three overlays are three');
  t.equal(top(over(over(over(onFile()))), KERNELS.unchecked), undefined, 'three overlays on a file, too');
  t.equal(top(overlay({ lower: onLoop() }), KERNELS.unchecked), undefined, 'O1');
  const blobs = erofs(fileIn(over(onLoop()), 'inner'), { devices: [fileIn(root, 'data.blob')] });
  t.equal(top(blobs, KERNELS.unchecked), undefined, 'a blob that is a file fits no block device');
  t.equal(top(overlay({ lower: onFile(), upper: { on: root, workOn: tmpfs() } }), KERNELS.unchecked), undefined);
  t.end();
});
