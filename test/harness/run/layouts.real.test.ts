/** Layouts that people ship, on a kernel that counts file-backed erofs and on one that does not; and a damaged one. */
import t from 'tap';
import { qemu, type Backend } from '../../../harness/run/backend.ts';
import { noEvidence } from '../../../harness/run/evidence.ts';
import { loadScenarios } from '../../../harness/run/load-scenarios.ts';
import { run } from '../../../harness/run/run.ts';
import type { StepRecord } from '../../../harness/report/results.ts';
import type { Scenario } from '../../../harness/scenario.ts';
import { text, type DiskSpec, type TreeNode } from '../../../vm/machine.ts';

const COUNTED = 'debian:6.17.13';
const REPAIRED = 'debian:6.18.9';

async function records(
  scenarios: readonly Scenario[],
  kernels: readonly string[],
  backend: Backend = qemu,
): Promise<readonly StepRecord[]> {
  const found: StepRecord[] = [];
  await run({
    scenarios,
    kernels,
    replace: {},
    profile: undefined,
    accelerator: 'auto',
    jobs: undefined,
    fresh: false,
    share: true,
    mirror: undefined,
    backend,
    evidence: noEvidence,
    signal: AbortSignal.timeout(240_000),
    observer: {
      onPhase: () => undefined,
      onKernel: () => undefined,
      onScenario: (_kernel, _scenario, records) => void found.push(...records),
    },
  });
  return found;
}

const step = (all: readonly StepRecord[], kernel: string, scenario: string, name: string) =>
  all.find((record) => record.kernel === kernel && record.scenario === scenario && record.step === name);

t.test(
  'given composefs roots and erofs layers, then a counted kernel refuses the second overlay by D3 and says which mount counts, a repaired one has all, and all is predicted',
  async (t) => {
    const wanted = ['fedora-coreos-composefs', 'bootc-composefs', 'containerd-erofs-snapshotter'];
    const all = await records(await loadScenarios(wanted), [COUNTED, REPAIRED]);
    t.same(
      all
        .filter(({ verdict }) => verdict.kind !== 'agrees')
        .map(({ kernel, step, verdict }) => [kernel, step, verdict.why]),
      [],
    );
    const report = "a container's overlay on the root (the report)";
    const refused = step(all, COUNTED, 'fedora-coreos-composefs', report);
    t.match(refused, {
      predicted: { rule: 'D3', errno: 'EINVAL' },
      observed: { ok: false, errno: 'EINVAL' },
      verdict: { kind: 'agrees', why: /depth 3 > 2: ovl\(ovl\(erofs\[file\]=1\)=2\)=3, counted since d53cd891f0e4/ },
    });
    t.match(step(all, REPAIRED, 'fedora-coreos-composefs', report), {
      observed: { ok: true },
      predicted: { depth: 2 },
    });
    for (const kernel of [COUNTED, REPAIRED]) {
      t.match(step(all, kernel, 'fedora-coreos-composefs', "loop: a container's overlay"), { observed: { ok: true } });
      t.match(step(all, kernel, 'fedora-coreos-composefs', 'loop: a third overlay'), { predicted: { rule: 'D3' } });
      t.match(step(all, kernel, 'bootc-composefs', 'an object without fs-verity'), {
        predicted: { rule: 'C2' },
        observed: { ok: false, errno: 'EIO' },
      });
    }
    t.match(step(all, COUNTED, 'bootc-composefs', 'overlay for /etc'), { observed: { ok: false, errno: 'EINVAL' } });
    t.match(step(all, COUNTED, 'containerd-erofs-snapshotter', 'an overlay on the container'), {
      observed: { ok: false, errno: 'EINVAL' },
    });
  },
);

t.test(
  "given an object with another's contents under its name, then every read that leads to it disagrees and names the file, and no other",
  async (t) => {
    const [scenario] = await loadScenarios(['fedora-coreos-composefs']);
    const swapping: Backend = {
      ...qemu,
      buildDisk: (disk, options) => qemu.buildDisk(withSwappedObject(disk, 160 * 1024), options),
    };
    const all = await records([scenario!], [REPAIRED], swapping);
    const wrong = all.filter(({ verdict }) => verdict.kind !== 'agrees');
    t.same(
      wrong.map(({ step, verdict }) => [step, verdict.kind]),
      [
        ['what the root shows', 'disagrees'],
        ['loop: an object through the root', 'disagrees'],
        ['loop: what the container shows', 'disagrees'],
        ['loop: an object through both overlays', 'disagrees'],
        ['loop: the copy', 'disagrees'],
      ],
    );
    for (const { verdict } of wrong) t.match(verdict.why, /usr\/lib\/modules\/vmlinuz/);
  },
);

/** The object of that size holds something else, of the same size. */
function withSwappedObject(disk: DiskSpec, sizeBytes: number): DiskSpec {
  if (disk.filesystem === 'erofs') return disk;
  const swap = (node: TreeNode): TreeNode => {
    if (node.kind === 'directory')
      return {
        ...node,
        entries: Object.fromEntries(Object.entries(node.entries).map(([name, child]) => [name, swap(child)])),
      };
    const isIt = node.kind === 'file' && node.content.kind === 'seeded' && node.content.sizeBytes === sizeBytes;
    return isIt ? text('x'.repeat(sizeBytes)) : node;
  };
  return { ...disk, tree: swap(disk.tree) as typeof disk.tree };
}
