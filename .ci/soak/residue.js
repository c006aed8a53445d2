/** What a fathom has left of itself on this machine: everything that it makes lies in, or names, the place of the soak. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

const read = (file) => readFile(file, 'latin1').catch(() => '');

/** Processes whose environment names the place: `{ pid, name }`. Those that the soak itself starts do not have it. */
export async function processesOf(place) {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = [];
  for (const pid of pids)
    if ((await read(`/proc/${pid}/environ`)).includes(`${place}/`))
      found.push({ pid: Number(pid), name: (await read(`/proc/${pid}/comm`)).trim() });
  return found;
}

/** Files by which a process can be reached: `/proc/PID/fd/N` of those whose path matches. */
export async function descriptorsOf(pid, pattern) {
  const links = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const found = [];
  for (const link of links) {
    const file = `/proc/${pid}/fd/${link}`;
    if (pattern.test(await readlink(file).catch(() => ''))) found.push(file);
  }
  return found;
}

async function filesIn(directory, keep = () => true) {
  const items = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return items.filter(keep).map(({ name }) => path.join(directory, name));
}

/** In words, one for each thing. */
async function residueNow({ place, temporary, cache }) {
  const mounts = (await read('/proc/self/mountinfo')).split('\n').filter((line) => line.includes(`${place}/`));
  const loops = [];
  for (const name of (await readdir('/sys/block')).filter((one) => one.startsWith('loop'))) {
    const file = await read(`/sys/block/${name}/loop/backing_file`);
    if (file.startsWith(`${place}/`)) loops.push(`${name}: ${file.trim()}`);
  }
  const rooms = (await readdir(cache, { withFileTypes: true }).catch(() => [])).filter((item) => item.isDirectory());
  const half = ({ name }) => /^\.(building|removing)-/.test(name);
  const halves = await Promise.all(rooms.map(({ name }) => filesIn(path.join(cache, name), half)));
  return [
    ...(await processesOf(place)).map(({ pid, name }) => `process ${pid} ${name}`),
    ...mounts.map((line) => `mount ${line}`),
    ...loops.map((line) => `loop device ${line}`),
    ...(await filesIn(temporary)),
    ...halves.flat(),
    ...(await filesIn(path.join(cache, '.in-use'))),
  ];
}

/** What is left after a while: a process that was told to end may take a moment. `mine`: what the soak itself has there. */
export async function residue(places, mine = [], patienceMs = 15_000) {
  const limit = performance.now() + patienceMs;
  for (;;) {
    const left = (await residueNow(places)).filter((line) => !mine.some((own) => line.includes(own)));
    if (left.length === 0 || performance.now() > limit) return left;
    await delay(200);
  }
}
