/** The end of the stack: a scenario that crashes its guest is predicted, reported, and keeps what it measured before. */
import { execa } from 'execa';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { dir } from 'tmp-promise';
import { report, type StepRecord } from '../../../harness/report/results.ts';
import { THREAD_SIZE } from '../../../harness/stack/explain.ts';

/** What one level costs on any kernel tried, in bytes. */
const LEVEL_BYTES = 1600;

const levelOf = ({ step }: StepRecord): number => Number(/^level (\d+):/.exec(step)?.[1]);

t.test(
  'given erofs whose blob lies on two overlays, level upon level, when it is read on 6.18.9, then the guard page is hit about where it was predicted, and what was measured is kept',
  async (t) => {
    const evidence = await dir({ unsafeCleanup: true });
    t.teardown(() => evidence.cleanup());
    const { exitCode, stdout, stderr } = await execa(
      'node',
      [
        path.resolve('bin/fathom.js'),
        ...['run', 'erofs-device-nesting', 'fedora-coreos-2087', '--kernel', 'debian:6.18.9', '--jobs', '1'],
        ...['--reporter', 'json', '--output', evidence.path],
      ],
      { reject: false },
    );
    t.equal(exitCode, 1, stderr);
    const { results, interrupted } = report.parse(JSON.parse(stdout));
    t.equal(interrupted, false);
    t.ok(
      results.every(({ scenario, verdict }) => scenario !== 'fedora-coreos-2087' || verdict.kind === 'agrees'),
      'then the run goes on',
    );
    const nesting = results.filter(({ scenario }) => scenario === 'erofs-device-nesting');
    const crashes = nesting.filter(({ verdict }) => verdict.kind === 'crashed');
    t.equal(crashes.length, 1);
    const [crash] = crashes;
    const level = levelOf(crash!);
    t.ok(level >= 7 && level <= 9, `then level ${level} is the last`);
    t.match(crash?.step, /read through it/);
    t.match(crash?.oops?.title, /guard page/);
    t.match(crash?.oops, { task: /\(pid \d+\)$/, stackRange: /^[\da-f]{16}\.\.[\da-f]{16}$/ });
    t.ok(
      crash?.oops?.chain.some((line) => /^\d+ times:$/.test(line)),
      'then the chain is folded',
    );
    const predicted = crash?.stack?.predictedBytes ?? 0;
    t.ok(Math.abs(predicted - THREAD_SIZE) <= LEVEL_BYTES, `then ${predicted} bytes were predicted`);

    const measured = nesting.filter(({ stack }) => stack?.pathBytes !== undefined);
    t.strictSame(
      measured.map(levelOf),
      Array.from({ length: level - 1 }, (_, n) => n + 1),
      'then each level before was measured',
    );
    for (const { step, stack } of measured.slice(2))
      t.ok(
        Math.abs((stack?.predictedBytes ?? 0) - (stack?.pathBytes ?? 0)) <= LEVEL_BYTES,
        `${step}: ${stack?.predictedBytes} predicted, ${stack?.pathBytes} measured`,
      );
    t.ok(
      nesting.filter((one) => levelOf(one) > level).every(({ verdict }) => verdict.kind === 'unsupported'),
      'then what comes after was not tried',
    );
    const [kernel = ''] = (await readdir(evidence.path)).filter((name) => name !== 'report.json');
    const consoleLog = path.join(evidence.path, kernel, 'erofs-device-nesting', 'console.log');
    t.match(await readFile(consoleLog, 'utf8'), /stack guard page was hit/, 'then the console is evidence');
  },
);
