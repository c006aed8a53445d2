#!/usr/bin/env node
/**
 * `npm run layouts`: the scenarios of scenarios/layouts/ on the kernels where the field reported failures and where it
 * worked. Prints layout × kernel as Markdown; with --update it goes into docs/layouts.md between its markers.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { $ } from 'zx';

const KERNELS = ['5.10', '6.1', '6.12.57', '6.12.69', '6.17.8', '6.17.13', '6.18.5', '6.18.9', '7.3'];

/** What of each layout tells kernels apart: scenario → what it is called in the table → step. */
const ROWS = {
  'fedora-coreos-composefs': {
    root: 'root: overlay with the objects as data-only lower',
    "a container's overlay on it": "a container's overlay on the root (the report)",
    'root, image on loop': 'loop: root with data-only lower',
    "a container's overlay on that": "loop: a container's overlay",
    'one more': 'loop: a third overlay',
    'root, ordinary lower': 'loop: the objects as an ordinary lower',
    'an object through that': 'loop: an object by the ordinary lower',
  },
  'bootc-composefs': {
    root: 'root: lowerdir+ and datadir+ as descriptors',
    'overlay for /etc': 'overlay for /etc',
    usroverlay: 'bootc usroverlay: upper in memory',
    'an unsealed object, verity=require': 'an object without fs-verity',
    'root, image on loop': 'loop: root with data-only lower',
    'overlay for /etc on that': 'loop: overlay for /etc',
  },
  'containerd-erofs-snapshotter': {
    'view of three layers': 'view: an overlay of three layers, read-only',
    container: 'container: an overlay with an upper',
    'an overlay on it': 'an overlay on the container',
    'container, layers on loop': 'loop: container',
    'an overlay on that': 'loop: an overlay on the container',
  },
  'android-apex': {
    'module in dm-verity /system': 'module from the file',
    'two overlays on it': 'overlay on that',
    'module in /system from a file': 'module from the file in that',
    'module on loop in that': 'module on a loop device in that',
  },
  'live-medium': {
    'live root, all on loop': 'overlay with its upper in memory',
    'a container on it': 'overlay on the live root',
    'root image from the file': 'root image from the file in it',
    'overlay on that': 'overlay on that, in memory',
  },
  'podman-in-podman': {
    'upper on the outer root': 'inner container, upper on the outer root',
    'upper on a volume': 'inner container, upper on a volume',
    'one more': 'a container in the inner container',
    'all on the volume, and one more': 'a container in that',
  },
};

const root = path.join(import.meta.dirname, '..');
const evidence = await mkdtemp(path.join(tmpdir(), 'fathom-layouts-'));
const specs = KERNELS.map((version) => `debian:${version}`);
const run = $({ stdio: ['ignore', 'inherit', 'inherit'], nothrow: true, quiet: true });
await run`node ${path.join(root, 'bin/fathom.js')} run layouts --output ${evidence} ${specs.flatMap((spec) => ['--kernel', spec])}`;
const { results } = JSON.parse(await readFile(path.join(evidence, 'report.json'), 'utf8'));
await rm(evidence, { recursive: true });

function cellOf(kernel, scenario, step) {
  const record = results.find(
    (result) => result.kernel === kernel && result.scenario === scenario && result.step === step,
  );
  if (record === undefined) throw new Error(`${scenario} has no step "${step}" on ${kernel}`);
  const { predicted, observed, verdict } = record;
  const depth = predicted.depth === undefined ? '' : ` d${predicted.depth}`;
  const seen = observed.ok ? `ok${depth}` : (observed.errno ?? '-');
  return verdict.kind === 'agrees' ? seen : `**${seen}: ${verdict.kind}**`;
}
const row = (cells) => `| ${cells.join(' | ')} |`;
const table = [
  row(['layout', '', ...KERNELS]),
  row(['---', '---', ...KERNELS.map(() => '---')]),
  ...Object.entries(ROWS).flatMap(([scenario, steps]) =>
    Object.entries(steps).map(([label, step], index) =>
      row([index === 0 ? scenario : '', label, ...specs.map((spec) => cellOf(spec, scenario, step))]),
    ),
  ),
].join('\n');
process.stdout.write(`\n${table}\n`);

if (process.argv.includes('--update')) {
  const file = path.join(root, 'docs', 'layouts.md');
  const text = await readFile(file, 'utf8');
  const [begin, end] = ['<!-- layouts: npm run layouts -- --update -->', '<!-- end of layouts -->'];
  await writeFile(file, text.replace(new RegExp(`${begin}[^]*${end}`), `${begin}\n${table}\n${end}`));
  await run`npx prettier --write ${file}`;
}

const failed = results.filter(({ verdict }) => verdict.kind !== 'agrees').length;
process.stdout.write(`\n${results.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
