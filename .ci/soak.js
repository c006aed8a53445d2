#!/usr/bin/env node
/**
 * `npm run soak -- [--rounds N] [--seed S] [--only WORD] [--update]`: fathom with a fault on purpose in every round (default:
 * 200 rounds). After each round the verdicts must be right, what was measured be kept, and no process, mount, loop device,
 * socket or temporary file be left, and a run without a fault must agree. Prints a table; with --update it goes into
 * docs/reliability.md between its markers. All is kept in a place of its own, removed at the end. As root, since a full disk
 * is a small file system.
 */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { FAULTS } from './soak/faults.js';
import { residue } from './soak/residue.js';

const KERNEL = 'debian:6.18.9';
const SCENARIOS = ['fedora-coreos-2087', 'android-apex', 'copy-up', 'whiteouts'];
const ROUND_MS = 300_000;

const root = path.join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    only: { type: 'string' },
    update: { type: 'boolean', default: false },
  },
});
if (process.getuid() !== 0) {
  process.stderr.write('soak: it mounts small file systems, and that takes root\n');
  process.exit(2);
}
/** Ctrl-C ends the run under way and the soak after its round, which takes away what it has mounted. */
const interruption = new globalThis.AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interruption.abort());
const random = mulberry32(Number(values.seed));
const pick = (list) => list[Math.floor(random() * list.length)];
const say = (text) => process.stdout.write(`${text}\n`);

/** Tommy Ettinger's generator, in the public domain: the same faults again by the same seed. */
function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const place = await mkdtemp('/var/tmp/fathom-soak-');
// QEMU is nobody, and has to get to its temporary files.
await chmod(place, 0o755);
const temporary = path.join(place, 'tmp');
const cache = path.join(place, 'cache');
for (const directory of [temporary, cache, path.join(place, 'home')]) await mkdir(directory);
const env = { ...process.env, TMPDIR: temporary, FATHOM_CACHE: cache, HOME: path.join(place, 'home'), NO_COLOR: '1' };

function start(args, extra = {}) {
  return execa('node', [path.join(root, 'bin/fathom.js'), ...args], {
    env: { ...env, ...extra },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: ROUND_MS,
    cancelSignal: interruption.signal,
  });
}

const runArguments = (output, args = []) => [
  'run',
  ...SCENARIOS,
  ...args,
  ...['-k', KERNEL, '-j', '2', '--reporter', 'json', '--output', output],
];

/** Of what is kept: one record for each step, of each bundle that is whole. */
async function keptRecords(output) {
  const files = (await readdir(output, { recursive: true }).catch(() => [])).filter(
    (file) => path.basename(file) === 'results.json',
  );
  const records = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(path.join(output, file), 'utf8'))),
  );
  return records.map((record) => record.results ?? record).flat();
}

const nameOf = ({ scenario, step }) => `${scenario}: ${step}`;
const parsed = (text) => {
  try {
    return JSON.parse(text).results;
  } catch {
    return undefined;
  }
};

/** What is wrong with what a run has said and kept, in words. */
async function faultsOf({ exitCode, signal, stdout, stderr, timedOut }, fault, output, usual) {
  const wrong = [];
  const status = exitCode ?? signal;
  if (timedOut) wrong.push(`no end within ${ROUND_MS / 1000} s`);
  else if (!fault.exits.includes(status)) wrong.push(`exit status ${status}: ${stderr.trim().slice(-400)}`);
  if (/^\s+at .*\(.*:\d+:\d+\)$/m.test(stderr)) wrong.push(`a stack trace: ${stderr.trim().slice(-600)}`);
  const reported = parsed(stdout);
  if (reported === undefined && !fault.partial && status !== 2) wrong.push('no report');
  const kept = await keptRecords(output);
  for (const record of [...(reported ?? []), ...kept]) {
    if (!fault.kinds.includes(record.verdict.kind))
      wrong.push(`${nameOf(record)}: ${record.verdict.kind}: ${record.verdict.why ?? ''}`);
    const before = usual.get(nameOf(record));
    if (record.verdict.kind === 'agrees' && before !== undefined && before !== shown(record))
      wrong.push(`${nameOf(record)} agrees with ${shown(record)}, and was ${before}`);
  }
  const missing = (reported ?? []).filter(
    (record) => usual.has(nameOf(record)) === false && record.scenario !== 'erofs-device-nesting',
  );
  if (missing.length > 0) wrong.push(`steps that are none: ${missing.map(nameOf).join()}`);
  const done = Math.max(0, ...[...stderr.matchAll(/(\d+)\/\d+ scenarios/g)].map(([, count]) => Number(count)));
  const scenariosKept = new Set(kept.map(({ scenario }) => scenario)).size;
  if (scenariosKept < done && !fault.name.startsWith('disk full'))
    wrong.push(`${done} scenarios were done, ${scenariosKept} are kept`);
  return { wrong, status, kinds: new Set([...(reported ?? []), ...kept].map(({ verdict }) => verdict.kind)) };
}

const shown = ({ observed: { ok, errno } }) => (ok ? 'ok' : (errno ?? '-'));

async function clean(usual) {
  const output = path.join(place, 'clean-evidence');
  const result = await start(runArguments(output));
  const { wrong } = await faultsOf(result, { name: 'none', exits: [0], kinds: ['agrees'] }, output, usual ?? new Map());
  await rm(output, { recursive: true, force: true });
  return { wrong: usual === undefined ? wrong.filter((one) => !one.startsWith('steps that')) : wrong, result };
}

async function playRound(fault, usual, usualMs) {
  const round = { place, temporary, cache, random, pick, usualMs };
  const prepared = (await fault.prepare?.(round)) ?? {};
  const output = prepared.output ?? path.join(place, 'evidence');
  try {
    return await judgeRound(fault, { ...round, prepared, output }, usual);
  } finally {
    await prepared.undo?.();
    await rm(output, { recursive: true, force: true });
  }
}

async function judgeRound(fault, round, usual) {
  const { prepared, output } = round;
  const others = [];
  const startAnother = async () => {
    const other = path.join(place, 'other-evidence');
    others.push(start(runArguments(other, prepared.args), prepared.env).then((result) => ({ result, other })));
  };
  const child = start(runArguments(output, prepared.args), prepared.env);
  const beside = fault.during?.({ ...round, child, startAnother });
  const result = await child;
  await beside;
  const told = await faultsOf(result, fault, output, usual);
  for (const { result: another, other } of await Promise.all(others)) {
    told.wrong.push(...(await faultsOf(another, fault, other, usual)).wrong.map((one) => `the other: ${one}`));
    await rm(other, { recursive: true, force: true });
  }
  const places = { place, temporary, cache };
  let left = await residue(places, prepared.mine, fault.leavesUntilNextStart ? 5_000 : undefined);
  const after = await clean(usual);
  told.wrong.push(...after.wrong.map((one) => `afterwards: ${one}`));
  const swept = fault.leavesUntilNextStart ? left.length : 0;
  if (swept > 0) left = await residue(places, prepared.mine);
  told.wrong.push(...left.map((one) => `left: ${one}`));
  const bit = fault.bites === undefined || fault.bites.some((one) => one === told.status || told.kinds.has(one));
  return { ...told, bit, swept };
}

/** Every fault in turn, in an order by chance; those that take minutes less often. */
function* order(faults) {
  for (;;) {
    const turn = faults.filter(({ weight = 1 }) => random() < weight).map((fault) => ({ fault, at: random() }));
    for (const { fault } of turn.sort((a, b) => a.at - b.at)) yield fault;
  }
}

function tableOf(tally) {
  const cells = [...tally].map(([name, { rounds, bitten, statuses, swept, wrong }]) => [
    name,
    rounds,
    bitten,
    [...statuses].map(([status, count]) => `${status} (${count})`).join(', '),
    swept,
    wrong.length,
  ]);
  const head = ['fault', 'rounds', 'took effect', 'exit status (how often)', 'left until the next start', 'wrong'];
  return [head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

async function main() {
  const faults = FAULTS.filter(({ name }) => values.only === undefined || name.includes(values.only));
  if (faults.length === 0) throw new Error(`no fault is called ${values.only}`);
  say(`seed ${values.seed}, in ${place}`);
  const cold = await clean();
  if (cold.wrong.length > 0) throw new Error(`without any fault: ${cold.wrong.slice(0, 5).join('\n')}`);
  const usual = new Map(parsed(cold.result.stdout).map((record) => [nameOf(record), shown(record)]));
  const { result: warm } = await clean(usual);
  const usualMs = warm.durationMs;
  say(`${usual.size} steps, ${(usualMs / 1000).toFixed(1)} s when nothing is in the way`);
  const tally = new Map(
    faults.map(({ name }) => [name, { rounds: 0, bitten: 0, statuses: new Map(), swept: 0, wrong: [] }]),
  );
  let rounds = 0;
  for (const fault of order(faults)) {
    if (++rounds > Number(values.rounds)) break;
    if (interruption.signal.aborted) throw new Error(`interrupted in round ${rounds}`);
    const began = performance.now();
    const { wrong, status, bit, swept } = await playRound(fault, usual, usualMs).catch((error) => ({
      wrong: [`the soak itself: ${error.stack}`],
      status: '?',
      bit: false,
      swept: 0,
    }));
    if (interruption.signal.aborted) continue;
    const entry = tally.get(fault.name);
    entry.rounds++;
    entry.bitten += Number(bit);
    entry.statuses.set(status, (entry.statuses.get(status) ?? 0) + 1);
    entry.swept += Number(swept > 0);
    if (wrong.length > 0) entry.wrong.push(...wrong);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    say(
      `${rounds} ${wrong.length === 0 ? 'ok' : 'NOT OK'} ${fault.name}: ${status}${bit ? '' : ', too late'} ${seconds} s`,
    );
    for (const one of wrong.slice(0, 5)) say(`  ${one.slice(0, 1200)}`);
  }
  const table = tableOf(tally);
  say(`\n${table}`);
  const bad = [...tally.values()].flatMap(({ wrong }) => wrong).length;
  say(`\n${Number(values.rounds)} rounds, ${bad} wrong`);
  if (values.update) {
    const file = path.join(root, 'docs/reliability.md');
    const text = await readFile(file, 'utf8');
    const caption = `${values.rounds} rounds, seed ${values.seed}, on ${KERNEL}`;
    await writeFile(
      file,
      text.replace(
        /(<!-- soak -->\n)[^]*?(\n<!-- \/soak -->)/,
        (_, from, to) => `${from}\n${caption}:\n\n${table}\n${to}`,
      ),
    );
  }
  return bad === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} finally {
  await rm(place, { recursive: true, force: true });
}
