/** What holds for any mount graph. */
import fc from 'fast-check';
import t from 'tap';
import type { Behaviours } from '../../../harness/model/behaviour.ts';
import { predict, type StepPrediction } from '../../../harness/model/predict.ts';
import type { Prediction } from '../../../harness/model/prediction.ts';
import { profileOf, withStacking, type ProfileName } from '../../../harness/model/profile.ts';
import { mount, type Scenario } from '../../../harness/scenario.ts';
import { erofs, fileIn, loop, overlay } from '../../../harness/topology/builders.ts';
import { lookUp, type Mount } from '../../../harness/topology/topology.ts';
import { behavioursOf, KERNELS, version } from './kernels.ts';
import { mountGraphs, scenarioOfGraph, type MountGraph } from './mount-graph.ts';

const EVERY: readonly Behaviours[] = [
  ...Object.values(KERNELS),
  ...['5.10.262', '6.12.57', '6.12.117', '7.3.4'].map((text) => behavioursOf(text)),
];
const kernels = fc.constantFrom(...EVERY);

/** One kernel in the stacking of each name: all else is alike. */
const stackedAs = (name: ProfileName) => withStacking(profileOf({ version: version('6.17.13') }), name).behaviours;

t.test('given any graph, then each step has a prediction, and no depth is above the limit', (t) => {
  fc.assert(
    fc.property(mountGraphs(), kernels, (graph, kernel) => {
      const predictions = predict(scenarioOfGraph(graph), kernel);
      return (
        predictions.length === graph.mounts.length && predictions.every(({ prediction }) => withinLimit(prediction))
      );
    }),
    { numRuns: 500 },
  );
  t.pass('holds');
  t.end();
});

function withinLimit(prediction: Prediction): boolean {
  return prediction.kind !== 'ok' || (prediction.depth !== undefined && prediction.depth >= 0 && prediction.depth <= 2);
}

t.test(
  'D2, D3: given any mount that stands, when an overlay is put on it, then it is one deeper, or there is D3',
  (t) => {
    fc.assert(
      fc.property(mountGraphs(), kernels, (graph, kernel) => {
        const tops = graph.mounts.map((each) => overlay({ lower: each, upper: graph.disk }));
        const { below, above } = predictOnTop(graph, tops, kernel);
        return below.every(({ prediction: lower }, index) => {
          const upper = above[index]!.prediction;
          if (lower.kind !== 'ok') return upper.kind === 'unreachable';
          return lower.depth === 2
            ? upper.kind === 'refused' && upper.rule === 'D3'
            : upper.kind === 'ok' && upper.depth === lower.depth! + 1;
        });
      }),
      { numRuns: 300 },
    );
    t.end();
  },
);

t.test('D10: given any mount that stands, when an image in it is on a loop device, then it mounts at depth 0', (t) => {
  fc.assert(
    fc.property(mountGraphs(), kernels, (graph, kernel) => {
      const holders = graph.mounts.filter((each) => lookUp(each, 'inner') !== undefined);
      const tops = holders.map((each) => erofs(loop(fileIn(each, 'inner'))));
      const { below, above } = predictOnTop(graph, tops, kernel);
      return holders.every((holder, index) => {
        const stands = below[graph.mounts.indexOf(holder)]!.prediction.kind === 'ok';
        const top = above[index]!.prediction;
        return stands ? top.kind === 'ok' && top.depth === 0 : top.kind === 'unreachable';
      });
    }),
    { numRuns: 300 },
  );
  t.pass('holds');
  t.end();
});

function predictOnTop(graph: MountGraph, tops: readonly Mount[], kernel: Behaviours) {
  const { steps, ...scenario } = scenarioOfGraph(graph);
  const whole: Scenario = { ...scenario, steps: [...steps, ...tops.map((top, index) => mount(`top ${index}`, top))] };
  const predictions = predict(whole, kernel);
  return { below: predictions.slice(0, steps.length), above: predictions.slice(steps.length) };
}

t.test(
  'given any graph, then counted differs from unchecked in depths and refusals by depth, and in nothing else',
  (t) => {
    const DEPTH = new Set(['D3', 'D5', 'E8']);
    fc.assert(
      fc.property(mountGraphs(), (graph) => {
        const scenario = scenarioOfGraph(graph);
        const unchecked = predict(scenario, stackedAs('unchecked'));
        const counted = predict(scenario, stackedAs('counted'));
        const byDepth = new Set<string>();
        return counted.every(({ step, prediction }, index) => {
          const other = unchecked[index]!.prediction;
          if (prediction.kind === 'refused' && DEPTH.has(prediction.rule)) byDepth.add(step);
          if (prediction.kind === 'unreachable') return byDepth.has(prediction.because) || sameAs(prediction, other);
          return byDepth.has(step) || sameButDepth(prediction, other);
        });
      }),
      { numRuns: 500 },
    );
    t.end();
  },
);

function sameAs(one: Prediction, other: Prediction): boolean {
  return one.kind === other.kind && 'because' in one && 'because' in other && one.because === other.because;
}

function sameButDepth(one: Prediction, other: Prediction): boolean {
  const essence = (prediction: Prediction) =>
    JSON.stringify({ ...prediction, depth: 0, why: '', exercised: undefined, messages: patterns(prediction) });
  return essence(one) === essence(other) && (one.kind !== 'ok' || other.kind !== 'ok' || one.depth! >= other.depth!);
}

function patterns(prediction: Prediction): readonly string[] {
  return prediction.kind === 'unreachable' ? [] : prediction.messages.map(({ pattern }) => pattern.source);
}

t.test('given any graph, then what no-stacked-backing mounts, unchecked mounts too, at the same depth', (t) => {
  fc.assert(
    fc.property(mountGraphs(), (graph) => {
      const scenario = scenarioOfGraph(graph);
      const unchecked = predict(scenario, stackedAs('unchecked'));
      const strict: readonly StepPrediction[] = predict(scenario, stackedAs('no-stacked-backing'));
      return strict.every(({ prediction }, index) => {
        const other = unchecked[index]!.prediction;
        return prediction.kind !== 'ok' || (other.kind === 'ok' && other.depth === prediction.depth);
      });
    }),
    { numRuns: 500 },
  );
  t.pass('holds');
  t.end();
});
