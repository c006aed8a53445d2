/** Topologies from the command line on a real kernel: what they are lowered to mounts, and reads and copies up as predicted. */
import t from 'tap';
import type { StepRecord } from '../../../harness/report/results.ts';
import { qemu } from '../../../harness/run/backend.ts';
import { noEvidence } from '../../../harness/run/evidence.ts';
import { run } from '../../../harness/run/run.ts';
import { mount, read, write, type Scenario, type Step } from '../../../harness/scenario.ts';
import { fileIn } from '../../../harness/topology/builders.ts';
import { parseTopology } from '../../../harness/topology/parse-notation.ts';
import { FILES, SMALL, TREE } from '../../../harness/topology/standard-content.ts';
import { isImplicit, mountsUpTo } from '../../../harness/topology/topology.ts';

const KERNEL = 'debian:6.18.9';

const TOPOLOGIES = {
  report: 'ovl(ovl(erofs[file](xfs)))',
  'lz4-on-loop': 'ovl(ovl(erofs[loop,directio,lz4](xfs)))',
  'plain-ext4': 'ovl[metacopy](ovl(ext4))',
  'on-tmpfs': 'ovl(erofs[loop,lz4hc](tmpfs))',
  'on-a-device': 'ovl[ro](erofs[disk], erofs#2[file](xfs))',
  'image-in-image': 'ovl[upper=btrfs](erofs[file](erofs[loop](ext4)))',
  'nested-blobs': 'erofs[file](xfs, device on ovl(ovl(erofs[file](xfs, device on ovl(ovl(xfs))))))',
} as const;

function scenarioOf(name: string, text: string): Scenario {
  const top = parseTopology(text);
  const mounts = mountsUpTo(top).filter((each) => !isImplicit(each));
  const steps: Step[] = [
    ...mounts.map((each, index) => mount(`mount ${index}`, each)),
    ...[FILES[0]!, FILES.at(-1)!, SMALL, `${TREE}/d3/d0/d1/leaf`].map((path) => read(path, fileIn(top, path))),
    ...(top.kind === 'overlay' && top.upper !== undefined
      ? [write('copy-up', fileIn(top, FILES[1]!), 'more\n'), read('after the copy-up', fileIn(top, FILES[1]!))]
      : []),
  ];
  return { name, shows: text, about: [], steps };
}

t.test('given topologies in the notation, when mounted on 6.18.9, then every step is as predicted', async (t) => {
  const scenarios = Object.entries(TOPOLOGIES).map(([name, text]) => scenarioOf(name, text));
  const records: StepRecord[] = [];
  await run({
    scenarios,
    kernels: [KERNEL],
    replace: {},
    profile: undefined,
    accelerator: 'auto',
    jobs: 1,
    fresh: false,
    share: false,
    mirror: undefined,
    backend: qemu,
    evidence: noEvidence,
    signal: new AbortController().signal,
    observer: {
      onPhase: (_, text) => t.comment(text),
      onKernel: () => undefined,
      onScenario: (_, __, steps) => records.push(...steps),
    },
  });
  for (const scenario of scenarios)
    t.test(`given ${scenario.shows}, then it mounts and reads`, (t) => {
      const mine = records.filter((record) => record.scenario === scenario.name);
      t.same(
        mine.map(({ step }) => step),
        scenario.steps.map(({ name }) => name),
      );
      for (const { step, verdict, predicted } of mine) {
        t.equal(verdict.kind, 'agrees', `${step}: ${verdict.why ?? ''}`);
        t.ok(predicted.ok, `${step} is predicted to succeed`);
      }
      t.end();
    });
});
