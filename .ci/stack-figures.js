// `npm run figures [-- NAME…]`: measures the figures of docs/stack.md and puts them into it, each table between its
// markers, with the command that measures it again. Without KVM the whole takes a quarter of an hour.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { $ } from 'zx';

const root = path.dirname(import.meta.dirname);
const DOCS = path.join(root, 'docs/stack.md');

const COMPOSEFS = 'ovl(ovl(erofs[file](xfs)))';
const ON_LOOP = 'ovl(ovl(erofs[loop](xfs)))';
const LATEST = 'debian:6.18.9';
const PREDICTED = [
  'erofs[file](xfs)',
  'ovl(erofs[file](xfs))',
  COMPOSEFS,
  'ovl(xfs)',
  'ovl(ovl(xfs))',
  'ovl(ovl(erofs[file](xfs, device on ovl(ovl(xfs)))))',
  'ovl(ovl(erofs[file](xfs, device on ovl(ovl(erofs[file](xfs, device on ovl(ovl(xfs))))))))',
];

/** Each a set of runs of `fathom stack`, told in one table. */
const TABLES = {
  eras: {
    runs: [
      { kernels: ['debian:5.10', 'debian:6.1'], topologies: [ON_LOOP], operations: ['read', 'copy-up', 'churn'] },
      {
        kernels: ['debian:6.12.57', 'debian:6.16', 'debian:6.17.13', LATEST, 'debian:7.3'],
        topologies: [COMPOSEFS],
        operations: ['read', 'copy-up', 'churn'],
      },
    ],
    columns: ['kernel', 'topology', 'operation', 'peak', 'path', 'left', 'overlay'],
  },
  pressure: {
    runs: [
      {
        kernels: [LATEST],
        topologies: [COMPOSEFS],
        operations: ['read', 'copy-up', 'churn'],
        pressures: ['none', 'memcg', 'global', 'swap'],
      },
    ],
    columns: ['operation', 'pressure', 'peak', 'path', 'left', 'reclaim'],
  },
  filesystems: {
    runs: [
      {
        kernels: [LATEST],
        topologies: ['xfs', 'ext4', 'btrfs'].map((filesystem) => COMPOSEFS.replace('xfs', filesystem)),
        operations: ['read', 'copy-up', 'churn'],
      },
    ],
    columns: ['topology', 'operation', 'peak', 'path', 'left', 'overlay'],
  },
  devices: {
    runs: [
      ...['virtio-blk', 'virtio-scsi', 'nvme'].map((device) => ({
        kernels: [LATEST],
        topologies: [COMPOSEFS],
        operations: ['read', 'copy-up'],
        device,
        repeat: device === 'nvme' ? 2 : 5,
      })),
      { kernels: [LATEST], topologies: ['ovl(ovl(erofs[disk]))', 'ovl(ovl(erofs[verity]))'], operations: ['read'] },
    ],
    columns: ['topology', 'device', 'operation', 'peak', 'path', 'left'],
  },
  operations: {
    runs: [{ kernels: [LATEST], topologies: [COMPOSEFS], operations: 'all', repeat: 3 }],
    columns: ['operation', 'peak', 'path', 'left', 'overlay'],
  },
  prediction: {
    runs: [{ kernels: ['debian:6.12.57', LATEST, 'debian:7.3'], topologies: PREDICTED, operations: ['read'] }],
    columns: ['kernel', 'topology', 'deterministic', 'predicted', 'error'],
  },
  variation: {
    runs: [{ kernels: [LATEST], topologies: [COMPOSEFS], operations: ['read', 'copy-up', 'churn'], repeat: 40 }],
    columns: ['operation', 'runs', 'peak', 'path', 'ways'],
  },
};

const HEADS = {
  kernel: 'kernel',
  topology: 'topology',
  operation: 'operation',
  pressure: 'pressure',
  device: 'device',
  runs: 'runs',
  peak: 'peak',
  path: 'path',
  left: 'left of 16 KB',
  overlay: 'one more overlay',
  reclaim: 'tables with reclaim, counters (most in one run)',
  deterministic: 'path without allocator',
  predicted: 'predicted',
  error: 'error',
  ways: 'different paths',
};

const CELLS = {
  kernel: ({ kernel }) => kernel.replace('debian:', ''),
  topology: ({ topology }) => `\`${topology}\``,
  operation: ({ operation }) => operation,
  pressure: ({ pressure }) => pressure,
  device: ({ device, topology }) => (/disk|verity/.test(topology) ? `${device}, no backing filesystem` : device),
  runs: ({ samples }) => String(samples.length),
  peak: ({ distribution, failures }) => (distribution === undefined ? failed(failures) : range(distribution.peak)),
  path: ({ distribution }) => (distribution === undefined ? '-' : range(distribution.path)),
  left: ({ distribution }) => (distribution === undefined ? '-' : String(16_384 - distribution.peak.max)),
  overlay: ({ typical }) => String(typical?.oneMoreOverlay?.bytes ?? '-'),
  reclaim: ({ distribution, samples }) => {
    if (distribution === undefined) return '-';
    const most = ['memory.events.max', 'allocstall_movable', 'pgsteal_direct', 'pswpout']
      .map((name) => [name, Math.max(...samples.map(({ counters }) => counters[name] ?? 0))])
      .filter(([, value]) => value > 0);
    return [
      `${distribution.pressure.reclaimTables} of ${samples.length}`,
      ...most.map(([name, value]) => `${name} ${value}`),
    ].join(', ');
  },
  deterministic: ({ typical }) => String(typical?.pathWithoutMemoryBytes ?? '-'),
  predicted: ({ prediction, notPredicted }) => String(prediction?.bytes ?? `- (nothing says ${notPredicted ?? 'it'})`),
  error: ({ prediction, typical }) =>
    prediction?.errorBytes === undefined
      ? '-'
      : `${((prediction.errorBytes / typical.pathWithoutMemoryBytes) * 100).toFixed(1)} %`,
  ways: ({ distribution }) =>
    distribution.ways
      .map(({ runs, pathBytes }) => `${pathBytes} in ${runs}`)
      .slice(0, 6)
      .join(', ') + (distribution.ways.length > 6 ? `, ${distribution.ways.length - 6} more` : ''),
};

function failed(failures) {
  const [first] = failures;
  return first === undefined ? '-' : first.kind === 'refused' ? `refused: ${first.why}` : first.kind;
}

function range({ min, median, max }) {
  return min === max ? String(min) : `${min} to ${max} (${median})`;
}

async function figuresOf({ kernels, topologies, operations, pressures = ['none'], device = 'virtio-blk', repeat = 5 }) {
  const named = operations === 'all' ? await allOperations() : operations;
  const args = [
    ...kernels.flatMap((kernel) => ['-k', kernel]),
    ...topologies.flatMap((topology) => ['-t', topology]),
    ...named.flatMap((operation) => ['--operation', operation]),
    ...pressures.flatMap((pressure) => ['--pressure', pressure]),
    ...['--device', device, '-n', String(repeat)],
  ];
  const run = await $({ nothrow: true, cwd: root })`node bin/fathom.js stack ${args} --json`;
  if (!run.stdout.startsWith('{')) throw new Error(`fathom stack ${args.join(' ')}: ${run.stderr}`);
  return { figures: JSON.parse(run.stdout).figures, command: `fathom stack ${args.map(quoted).join(' ')}` };
}

async function allOperations() {
  const { OPERATIONS } = await import('../dist/harness/measure/operation.js');
  return OPERATIONS.map(({ name }) => name);
}

function quoted(word) {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word}'`;
}

async function measure(name) {
  const { runs, columns } = TABLES[name];
  const done = [];
  for (const run of runs) done.push(await figuresOf(run));
  const rows = done.flatMap(({ figures }) => figures).map((figure) => columns.map((column) => CELLS[column](figure)));
  const table = [columns.map((column) => HEADS[column]), columns.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
  return `${done.map(({ command }) => `    $ ${command}`).join('\n')}\n\n${table}`;
}

function put(name, text) {
  const docs = readFileSync(DOCS, 'utf8');
  const [begin, end] = [`<!-- figures: npm run figures -- ${name} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [docs.indexOf(begin), docs.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${DOCS} has no place for ${name}: ${begin} … ${end}`);
  writeFileSync(DOCS, `${docs.slice(0, from + begin.length)}\n\n${text}\n\n${docs.slice(to)}`);
}

const names = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(TABLES);
for (const name of names) {
  if (TABLES[name] === undefined) throw new Error(`no figures are called ${name}: ${Object.keys(TABLES).join(', ')}`);
  process.stderr.write(`measuring ${name}\n`);
  put(name, await measure(name));
}
await $({ cwd: root })`npx prettier --write ${DOCS}`;
