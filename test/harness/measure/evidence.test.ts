import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { evidenceOf } from '../../../harness/measure/evidence.ts';
import type { Trace } from '../../../harness/measure/measure.ts';
import { labelOf } from '../../../harness/measure/measurement.ts';
import { fileNameOf } from '../../../harness/run/evidence.ts';
import { read } from '../stack/tables.ts';
import { sampleOf, subjectOf, TWO_OVERLAYS } from './subjects.ts';

const two = subjectOf(TWO_OVERLAYS);
const trace: Trace = {
  plan: { v: 1, type: 'plan', id: 'measured', steps: [] },
  outcome: { kind: 'completed', results: [], transcript: [], leftovers: [], strays: [] },
  console: 'the console\n',
};

t.test('given a sample, then its table is kept as the kernel printed it, beside plan and console', async (t) => {
  const directory = t.testdir({});
  await evidenceOf(directory).keep(two, 7, sampleOf(), trace);
  const place = path.join(directory, 'debian-6.18.9', 'ovl-ovl-erofs-file-xfs-read-cold', '007');
  t.strictSame((await readdir(place)).sort(), [
    'console.log',
    'kernel.log',
    'plan.json',
    'results.json',
    'table.txt',
    'transcript.jsonl',
  ]);
  t.equal(await readFile(path.join(place, 'table.txt'), 'utf8'), read);
});

t.test('given a failure, then it is kept without a table; given no directory, then nothing is', async (t) => {
  const directory = t.testdir({});
  await evidenceOf(directory).keep(two, 1, { kind: 'broken', why: 'the socket is closed' }, undefined);
  const [kernel = ''] = await readdir(directory);
  const [subject = ''] = await readdir(path.join(directory, kernel));
  const place = path.join(directory, kernel, subject, '001');
  t.strictSame(await readdir(place), ['results.json']);
  t.match(JSON.parse(await readFile(path.join(place, 'results.json'), 'utf8')), { kind: 'broken' });
  await evidenceOf(undefined).keep(two, 1, sampleOf(), trace);
});

t.test('given subjects whose names are alike as far as a file name goes, then each keeps its own', async (t) => {
  const overlay = 'ovl[metacopy,redirect_dir,index,xino]';
  const deep = `${overlay}(${overlay}(${overlay}(erofs[file,lz4hc=9](ext4))))`;
  const alike = [
    subjectOf(deep),
    subjectOf(deep, { operation: 'copy-up-utimensat', cache: 'warm', pressure: 'memcg' }),
  ];
  t.equal(new Set(alike.map((subject) => fileNameOf(labelOf(subject)))).size, 1);
  const directory = t.testdir({});
  const evidence = evidenceOf(directory);
  for (const [n, subject] of [...alike, ...alike].entries())
    await evidence.keep(subject, n < 2 ? 1 : 2, sampleOf(String(n)), undefined);
  const kept = path.join(directory, 'debian-6.18.9');
  const places = (await readdir(kept)).sort();
  t.equal(places.length, 2);
  const tables = await Promise.all(
    places.flatMap((place) => ['001', '002'].map((n) => readFile(path.join(kept, place, n, 'table.txt'), 'utf8'))),
  );
  t.strictSame(tables.sort(), ['0', '1', '2', '3']);
});

t.test('given a place that cannot be written to, then the error names the file', async (t) => {
  await t.rejects(evidenceOf('/dev/null/evidence').keep(two, 1, sampleOf(), trace), {
    name: 'HarnessError',
    message: /\/dev\/null\/evidence/,
  });
});
