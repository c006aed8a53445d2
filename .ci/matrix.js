#!/usr/bin/env node
/**
 * `npm run test:matrix`: every scenario on a kernel of each era. Prints the matrix as Markdown; with --update it goes
 * into README.md between its markers. Longer than CI: each kernel is fetched and booted once. With --output DIR the
 * evidence stays there: `fathom rules --from DIR` makes the table of rules of it.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { $ } from 'zx';

/** Spec and what it is here for. A prefix means the newest of its series. */
const KERNELS = {
  'debian:5.10': 'before file-backed mounts',
  'debian:6.1': 'before file-backed mounts',
  'debian:6.12.57': 'before the counting fix',
  'debian:6.12.69': 'after its repair',
  'debian:bookworm-security': 'what bookworm runs today',
  'debian:6.16': 'never counted',
  'debian:6.17.8': 'before the counting fix',
  'debian:6.17.13': 'with the counting fix, the last of its series',
  'debian:6.18.5': 'with the counting fix',
  'debian:6.18.9': 'after its repair',
  'debian:6.19': 'after its repair',
  'debian:7.0': '',
  'debian:7.1': '',
  'debian:7.2': '',
  'debian:7.3': 'newest in the archive',
};

const root = path.join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { update: { type: 'boolean' }, output: { type: 'string' } } });
const evidence = values.output ?? (await mkdtemp(path.join(tmpdir(), 'fathom-matrix-')));
const specs = Object.keys(KERNELS);
const run = $({ stdio: ['ignore', 'inherit', 'inherit'], nothrow: true, quiet: true });
await run`node ${path.join(root, 'bin/fathom.js')} run --output ${evidence} ${specs.flatMap((spec) => ['--kernel', spec])}`;
const { kernels, results } = JSON.parse(await readFile(path.join(evidence, 'report.json'), 'utf8'));
if (values.output === undefined) await rm(evidence, { recursive: true });

/** The steps that tell eras apart. F: file-backed erofs, L: erofs on a loop device, O: an overlay on it. */
const COLUMNS = {
  F: ['fedora-coreos-2087', 'file-backed erofs'],
  'O(F)': ['fedora-coreos-2087', 'overlay on it'],
  'O(O(F)), #2087': ['fedora-coreos-2087', 'overlay on that (the report)'],
  'O(O(L))': ['fedora-coreos-2087', 'loop: overlay on that'],
  'F(F)': ['nested-file-backed', 'file-backed erofs in it'],
  'F(L)': ['android-apex', 'file-backed erofs in it'],
  'F(tmpfs)': ['image-without-read-folio', 'image on tmpfs'],
  'F, blob on O(O)': ['blob-on-overlays', 'erofs whose blob lies on both'],
};
const cellOf = (spec, [scenario, step]) => {
  const { predicted, observed, verdict } = results.find(
    (record) => record.kernel === spec && record.scenario === scenario && record.step === step,
  );
  const seen = observed.ok ? `ok d${predicted.depth}` : (observed.errno ?? '-');
  return verdict.kind === 'agrees' ? seen : `**${seen}: ${verdict.kind}**`;
};
const agreeing = (spec) => {
  const records = results.filter((record) => record.kernel === spec);
  return `${records.filter(({ verdict }) => verdict.kind === 'agrees').length} of ${records.length}`;
};
const row = (cells) => `| ${cells.join(' | ')} |`;
const table = [
  row(['kernel', 'profile', ...Object.keys(COLUMNS), 'steps that agree']),
  row(['---', '---', ...Object.keys(COLUMNS).map(() => '---'), '---']),
  ...kernels.map(({ spec, release, profile }) =>
    row([
      release.replace(/-cloud-amd64$/, ''),
      profile,
      ...Object.values(COLUMNS).map((column) => cellOf(spec, column)),
      agreeing(spec),
    ]),
  ),
].join('\n');
process.stdout.write(`\n${table}\n`);

if (values.update) {
  const file = path.join(root, 'README.md');
  const text = await readFile(file, 'utf8');
  const [begin, end] = ['<!-- matrix: npm run test:matrix -- --update -->', '<!-- end of matrix -->'];
  await writeFile(file, text.replace(new RegExp(`${begin}[^]*${end}`), `${begin}\n${table}\n${end}`));
  await run`npx prettier --write ${file}`;
}

const failed = results.filter(({ verdict }) => verdict.kind !== 'agrees').length + (specs.length - kernels.length);
process.stdout.write(`\n${results.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
