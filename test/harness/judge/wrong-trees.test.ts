/** That a tree which is not as it should be is no pass: the kernel is played by the model's own listings, altered. */
import t from 'tap';
import { judgeRun } from '../../../harness/judge/judge.ts';
import { predict } from '../../../harness/model/predict.ts';
import type { Prediction } from '../../../harness/model/prediction.ts';
import { digest } from '../../../harness/run/digest.ts';
import type { RunOutcome, StepResult, TreeEntry } from '../../../vm/machine.ts';
import copyUp from '../../../scenarios/tree/copy-up.ts';
import whiteouts from '../../../scenarios/tree/whiteouts.ts';
import { behavioursOf } from '../model/kernels.ts';

const behaviours = behavioursOf('6.18.9');

/** What a kernel answers that does all as predicted, with one listing changed. */
function answers(
  scenario: typeof whiteouts,
  step?: string,
  change: (entries: readonly TreeEntry[]) => readonly TreeEntry[] = (entries) => entries,
): RunOutcome {
  const results = predict(scenario, behaviours).map(({ step: name, prediction }): StepResult => {
    const base = { v: 1 as const, type: 'result' as const, plan: 'x', step: name, messages: [], durationUs: 1 };
    if (prediction.kind !== 'ok') return { ...base, ok: false, errno: errnoOf(prediction), call: 'call' };
    const entries = listingOf(prediction);
    if (entries === undefined) return { ...base, ok: true };
    return { ...base, ok: true, entries: [...(name === step ? change(entries) : entries)] };
  });
  return { kind: 'completed', results, transcript: [], leftovers: [], strays: [] };
}

function errnoOf(prediction: Prediction): string {
  return prediction.kind === 'refused' ? prediction.errno : 'EIO';
}

const numbers = new Map<string, string>();

function numberOf(name: string | undefined): string {
  const key = name ?? `one of ${numbers.size}`;
  numbers.set(key, numbers.get(key) ?? `${numbers.size + 1}`);
  return numbers.get(key)!;
}

function listingOf(prediction: Extract<Prediction, { kind: 'ok' }>): readonly TreeEntry[] | undefined {
  return prediction.listing?.entries.flatMap((entry) => {
    if (entry.kind === 'lost') return [];
    const { path, type, mode, uid, gid, target, rdev, contents } = entry;
    return {
      path,
      type,
      mode,
      uid,
      gid,
      sizeBytes: entry.sizeBytes ?? 0,
      nlink: entry.nlink ?? 1,
      mtimeNs: entry.mtimeNs ?? '0',
      device: `0:${numberOf(entry.device)}`,
      inode: numberOf(entry.inode),
      xattrs: Object.fromEntries([...entry.xattrs].map(([name, { hex }]) => [name, hex ?? '00'])),
      ...(target === undefined ? {} : { target }),
      ...(rdev === undefined ? {} : { rdev }),
      ...(contents === undefined ? {} : { sha256: digest(contents) }),
    };
  });
}

/** Of the steps that look at trees and change them; what a mount owes the log, this kernel does not say. */
const judge = (scenario: typeof whiteouts, outcome: RunOutcome) =>
  judgeRun(predict(scenario, behaviours), outcome, digest)
    .filter(({ step, verdict }) => verdict.kind !== 'agrees' && step !== 'erofs')
    .map(({ step, verdict }) => `${step} ${verdict.kind}: ${verdict.why}`);

t.test('given a kernel that does all as predicted, when trees are judged, then all agrees', async (t) => {
  t.same(judge(whiteouts, answers(whiteouts)), []);
  t.same(judge(copyUp, answers(copyUp)), []);
});

t.test('given one byte of a file that is another, when the tree is judged, then it disagrees', async (t) => {
  const wrong = answers(copyUp, 'what it shows', (entries) =>
    entries.map((entry) => (entry.path === 'big.bin' ? { ...entry, sha256: '0'.repeat(64) } : entry)),
  );
  const faults = judge(copyUp, wrong);
  t.match(
    faults.find((fault) => fault.startsWith('what it shows')),
    /disagrees: big\.bin: sha256 is 0{64}, not/,
  );
});

t.test('given a name that no whiteout hides, when the tree is judged, then it disagrees', async (t) => {
  const shown = answers(whiteouts, 'what is left', (entries) => {
    const other = entries.find(({ path }) => path === 'b')!;
    return [...entries, { ...other, path: 'a', inode: '9999' }];
  });
  t.match(
    judge(whiteouts, shown).find((fault) => fault.startsWith('what is left')),
    /a: a file that was not to be/,
  );
});

t.test('given an upper that misses an attribute, when it is judged, then it disagrees', async (t) => {
  const name = 'trusted.overlay.metacopy';
  const missing = answers(copyUp, 'its upper', (entries) =>
    entries.map(({ xattrs, ...entry }) => ({
      ...entry,
      xattrs: Object.fromEntries(Object.entries(xattrs).filter(([key]) => key !== name)),
    })),
  );
  t.match(
    judge(copyUp, missing).find((fault) => fault.startsWith('its upper')),
    /the attribute \S+metacopy is not there/,
  );
});

t.test(
  'given an agent that lists nothing and says that all went well, when it is judged, then it is no pass',
  async (t) => {
    const outcome = answers(copyUp);
    const silent = outcome.results.map(({ entries: _entries, ...result }) => result);
    const listed = outcome.results.filter(({ entries }) => entries !== undefined);
    const faults = judge(copyUp, { ...outcome, results: silent });
    t.ok(listed.length > 0);
    t.equal(faults.filter((fault) => fault.includes(' broken: ')).length, listed.length);
  },
);
