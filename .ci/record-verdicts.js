#!/usr/bin/env node
/**
 * Records test/harness/report/fixtures/every-verdict.json: `node .ci/record-verdicts.js`. One run in four shards, merged, in
 * which there is each kind of verdict: judged by a profile that is not the kernel's (disagrees), with a scenario for which the
 * kernel lacks a module (unsupported), and with agents that make their guest panic (crashed), answer no more (hung) and talk
 * nonsense (broken).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { $ } from 'zx';
import { sabotagingCompiler } from './soak/sabotage.js';

const SCENARIOS = ['fedora-coreos-2087', 'nested-file-backed', 'data-only-lower', 'podman-in-podman', 'ecryptfs'];
const MISDEEDS = [undefined, 'panic', 'stop', 'garbage'];
/** Results of an agent before it fails. */
const AFTER = 4;

const root = path.join(import.meta.dirname, '..');
const fathom = path.join(root, 'bin/fathom.js');
const fixture = path.join(root, 'test/harness/report/fixtures/every-verdict.json');
const place = await mkdtemp(path.join(tmpdir(), 'fathom-verdicts-'));
try {
  const shards = [];
  for (const [index, misdeed] of MISDEEDS.entries()) {
    const shard = `${index + 1}/${MISDEEDS.length}`;
    const file = path.join(place, `${index}.json`);
    const CC = misdeed === undefined ? 'cc' : await sabotagingCompiler(place, misdeed, AFTER);
    await $({
      env: { ...process.env, CC },
      nothrow: true,
      stdio: ['ignore', 'inherit', 'inherit'],
    })`node ${fathom} run ${SCENARIOS} -k debian:6.18.9 --profile counted --shard ${shard} --reporter json=${file}`;
    shards.push(file);
  }
  await $({
    nothrow: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  })`node ${fathom} merge ${shards} --reporter pretty --reporter json=${fixture}`;
} finally {
  await rm(place, { recursive: true, force: true });
}
