#!/usr/bin/env node
/**
 * Records the console logs that test/harness/observe/ reads: `node .ci/record-consoles.js [NAME…]`. Each comes from a
 * guest of its own that is made to fail: by sysrq, by filling its memory, by stacks deeper than the kernel's, or by an
 * overlay.ko of which a few instructions were replaced, so that the kernel meets a real fault in a real module.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { $ } from 'zx';
import { ensureBuilt } from '../bin/set-up.js';

await ensureBuilt();
const built = (file) => import(path.join(import.meta.dirname, '../dist', file));
const { blobFile, directory, directoryIn, disk, erofs, fileIn, imageFile, overlay } =
  await built('harness/topology/builders.js');
const { mount, read } = await built('harness/scenario.js');
const { lower, needsOf } = await built('harness/topology/lower.js');
const { blobImage } = await built('scenarios/contents.js');
const { buildDisk } = await built('vm/image/disk.js');
const { resolveKernel } = await built('vm/kernel/resolve.js');
const { prepareTemplate } = await built('vm/qemu/template.js');

const KERNEL = 'debian:6.18.9';
const OLD = 'debian:5.10';
const NEW = 'debian:7.3-rc7';
const fixtures = path.join(import.meta.dirname, '../test/harness/observe/fixtures');
const { signal } = new globalThis.AbortController();
const temporary = await mkdtemp(path.join(tmpdir(), 'fathom-consoles-'));

const sysrq = (key) => ({ op: 'sysrq', key });
const sysctl = (name, value) => ({ op: 'write-text', path: `/proc/sys/${name}`, text: value });
const overlayMount = { op: 'mount', source: 'overlay', target: '/', fstype: 'overlay', flags: [], data: '' };
/** Every message goes to the console, warnings too. */
const VERBOSE = sysrq('9');

/** Levels of erofs whose blob lies in the tree of the level below, seen through two overlays. */
function nestedBlobs(levels) {
  const root = disk('xfs', {
    'meta.erofs': imageFile(blobImage),
    layer: directory({ 'data.bin': blobFile(blobImage) }),
  });
  const steps = [];
  let below = directoryIn(root, 'layer');
  for (let level = 1; level <= levels; level++) {
    const first = overlay({ lower: below, upper: root });
    const second = overlay({ lower: first, upper: root });
    const metadata = erofs(fileIn(root, 'meta.erofs'), { devices: [fileIn(second, 'data.bin')] });
    steps.push(
      mount(`overlay ${level}`, first),
      mount(`second overlay ${level}`, second),
      mount(`erofs ${level}`, metadata),
    );
    below = metadata;
  }
  steps.push(read('contents', fileIn(below, 'data.bin')));
  return { name: 'nested-blobs', shows: '', about: [], steps };
}

/** In ovl_init_fs_context, behind an allocation: 34 bytes without a relocation. Here the code of `fault` comes to stand. */
const PLACE = /\x48\x89\x43\x40\x48\x85\xc0\x0f\x84[^]{4}\x48\xc7\x43\x20\x03\x00\x00\x00/g;

/** Bytes from PLACE to the next relocation's instruction, to that relocation, to the call's and to the end of the call. */
const [ROOM, POINTER, CALL, AFTER] = [31, 34, 39, 43];
const PC32 = 2;

/** The relocations at the two places now name other symbols that the module imports. */
function retarget(code, place, targets) {
  const sections = code.readUInt16LE(60);
  const at = (index) => Number(code.readBigUInt64LE(40)) + index * 64;
  const all = Array.from({ length: sections }, (_, index) => ({
    index,
    type: code.readUInt32LE(at(index) + 4),
    offset: Number(code.readBigUInt64LE(at(index) + 24)),
    size: Number(code.readBigUInt64LE(at(index) + 32)),
    link: code.readUInt32LE(at(index) + 40),
    info: code.readUInt32LE(at(index) + 44),
  }));
  const text = all.find(({ type, offset, size }) => type === 1 && offset <= place && place < offset + size);
  const relocations = all.find(({ type, info }) => type === 4 && info === text.index);
  const symbols = all[relocations.link];
  const names = all[symbols.link];
  const nameOf = (symbol) => code.toString('latin1', names.offset + code.readUInt32LE(symbol)).split('\0', 1)[0];
  for (const [delta, name] of targets) {
    const here = place - text.offset + delta;
    let index = 0;
    for (let symbol = symbols.offset; nameOf(symbol) !== name; symbol += 24) index++;
    for (let entry = relocations.offset; entry < relocations.offset + relocations.size; entry += 24)
      if (Number(code.readBigUInt64LE(entry)) === here) {
        code.writeBigUInt64LE((BigInt(index) << 32n) | BigInt(delta === CALL ? 4 : PC32), entry + 8);
        code.writeBigInt64LE(-4n, entry + 16);
      }
  }
}

/** Calls an imported function with what `before` put into registers, %rax being new memory, and stays there. */
const call = (target, before, { atomic = false } = {}) => ({ target, before, atomic });
/** A rw_semaphore in the new memory that a writer holds, as the argument. */
const HELD = '48 89 c7 48 8d 50 18 48 89 50 18 48 89 50 20 31 c9 48 89 48 08 48 89 48 10 ff c1 48 89 08';

function insert(code, place, { target, before, atomic }) {
  const bytes = Buffer.from(before.replaceAll(' ', ''), 'hex');
  if (bytes.length > ROOM) throw new Error(`${bytes.length} bytes, and there is room for ${ROOM}`);
  code.fill(0x90, place, place + ROOM);
  bytes.copy(code, place);
  // incl %gs:__preempt_count(%rip); or a jump over the relocation.
  Buffer.from(atomic ? [0x65, 0xff, 0x05] : [0x90, 0xeb, 0x04]).copy(code, place + ROOM);
  Buffer.from([0xeb, 0xfe]).copy(code, place + AFTER);
  retarget(code, place, [[CALL, target], ...(atomic ? [[POINTER, '__preempt_count']] : [])]);
}

async function overlayWith(kernel, name, fault) {
  const shipped = (await kernel.modules(['overlay'])).find((module) => module.name === 'overlay');
  const plain = path.join(temporary, `${name}.ko`);
  await $({ quiet: true })`xz --decompress --stdout --force ${shipped.file} > ${plain}`;
  const code = readFileSync(plain);
  const places = [...code.toString('latin1').matchAll(PLACE)];
  if (places.length !== 1) throw new Error(`overlay.ko: the place is there ${places.length} times, not once`);
  if (typeof fault === 'string') Buffer.from(fault.replaceAll(' ', ''), 'hex').copy(code, places[0].index);
  else insert(code, places[0].index, fault);
  const end = code.length - Buffer.byteLength('~Module signature appended~\n') - 12;
  await writeFile(plain, code.subarray(0, end - code.readUInt32BE(end + 8)));
  return plain;
}

/** `fault` is machine code, `scenario` runs after `operations`; `cpus` and `memoryMiB` of the guest. */
const CONSOLES = {
  'sysrq-crash': { operations: [sysrq('c')] },
  'sysrq-crash-5.10': { kernel: OLD, operations: [sysrq('c')] },
  // What looks like a report and is none: the traces of all tasks and CPUs.
  'sysrq-traces': { cpus: 2, operations: [sysrq('l'), sysrq('w'), sysrq('m'), sysrq('t')] },
  'oom-kill': { operations: [sysrq('f')] },
  'oom-tmpfs': { operations: [], fill: true },
  // xor %eax,%eax; mov (%rax),%eax
  'null-pointer': { fault: '31 c0 8b 00', operations: [overlayMount] },
  // movabs $0xffffc900deadbeef,%rax; mov (%rax),%eax
  'page-fault': { fault: '48 b8 ef be ad de 00 c9 ff ff 8b 00', operations: [overlayMount] },
  // movabs $0xdead000000000100,%rax; mov (%rax),%eax
  'general-protection': { fault: '48 b8 00 01 00 00 00 00 ad de 8b 00', operations: [overlayMount] },
  // ud2
  'invalid-opcode': { fault: '0f 0b', operations: [overlayMount] },
  // push %rax; jmp .-1
  'guard-page-recursion': { fault: '50 eb fd', operations: [overlayMount] },
  // xor %esp,%esp; push %rax
  'double-fault': { fault: '31 e4 50', operations: [overlayMount] },
  // cli; jmp .
  'rcu-stall': {
    fault: 'fa eb fe',
    cpus: 2,
    operations: [
      { op: 'write-text', path: '/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout', text: '3' },
      overlayMount,
    ],
    lastDeadlineMs: 30_000,
  },
  'soft-lockup': {
    fault: call('__fentry__', '', { atomic: true }),
    operations: [sysctl('kernel/watchdog_thresh', '2'), overlayMount],
    lastDeadlineMs: 15_000,
  },
  'hung-task': {
    fault: call('down_read', HELD),
    operations: [sysctl('kernel/hung_task_timeout_secs', '2'), overlayMount],
    lastDeadlineMs: 15_000,
  },
  'scheduling-while-atomic': {
    fault: call('down_read', HELD, { atomic: true }),
    operations: [overlayMount],
    lastDeadlineMs: 4000,
  },
  // mov %rax,%rdi; movl $0,0x48(%rax): an inode without links
  warning: {
    fault: call('drop_nlink', '48 89 c7 c7 40 48 00 00 00 00'),
    operations: [overlayMount],
    lastDeadlineMs: 4000,
  },
  // mov %rax,%rdi; mov $3,%esi: REFCOUNT_SUB_UAF
  refcount: {
    fault: call('refcount_warn_saturate', '48 89 c7 be 03 00 00 00'),
    operations: [overlayMount],
    lastDeadlineMs: 4000,
  },
  // mov %rax,%rdi; mov %rax,%rsi; mov %rax,%rdx; movq $0,(%rax); movq $0,8(%rax)
  'list-corruption': {
    fault: call(
      '__list_add_valid_or_report',
      '48 89 c7 48 89 c6 48 89 c2 48 c7 00 00 00 00 00 48 c7 40 08 00 00 00 00',
    ),
    operations: [overlayMount],
  },
  'guard-page': { scenario: nestedBlobs(10), operations: [] },
  'guard-page-7.3': { kernel: NEW, scenario: nestedBlobs(10), operations: [] },
};

async function record(name, { kernel: spec = KERNEL, fault, operations, scenario, fill, cpus = 1, lastDeadlineMs }) {
  let kernel = await resolveKernel(spec, { signal });
  if (fault !== undefined)
    kernel = await resolveKernel(spec, { signal, replace: { overlay: await overlayWith(kernel, name, fault) } });
  const disks =
    scenario === undefined ? [] : await Promise.all(needsOf(scenario).disks.map((one) => buildDisk(one, { signal })));
  const shape = {
    memoryMiB: 256,
    cpus,
    slots: disks.map(({ sizeBytes }) => ({ sizeBytes })),
    modules: ['overlay', 'erofs', 'xfs'],
    device: 'virtio-blk',
    prepare: [],
    needsConfig: [],
  };
  const template = await prepareTemplate({ kernel, shape, accelerator: 'auto', fresh: true, signal });
  const machine = await template.clone(disks, { signal });
  const deadlineMs = Math.ceil(10_000 * template.slowdown);
  const device = (slot) => `/dev/vd${String.fromCharCode(0x61 + slot)}`;
  const rest = scenario === undefined ? [] : lower(scenario, { id: name, device, deadlineMs }).steps;
  const filling = fill ? [{ op: 'mkdir', paths: ['/fill'], mode: 0o755 }, ...filled()] : [];
  const before = [VERBOSE, ...operations, ...filling].map((operation, index, all) => ({
    id: `${name} ${index}`,
    needs: [],
    deadlineMs: index === all.length - 1 ? (lastDeadlineMs ?? deadlineMs) : deadlineMs,
    operation,
  }));
  // Nothing of the lower levels may be cached when the deepest stack is tried.
  const cold = { id: 'drop caches', needs: [], deadlineMs, operation: { op: 'drop-caches' } };
  const steps = [...before, ...rest.slice(0, -1), cold, ...rest.slice(-1)];
  const outcome = await machine.run({ v: 1, type: 'plan', id: name, steps }, { signal });
  await writeFile(path.join(fixtures, `${name}.log`), await machine.console());
  await machine[Symbol.asyncDispose]();
  await template[Symbol.asyncDispose]();
  process.stdout.write(`${name}: ${outcome.kind} ${outcome.title ?? outcome.where ?? outcome.reason ?? ''}\n`);
}

/** A tmpfs larger than the memory, and copies of the agent until nothing is left. */
function filled() {
  const target = '/fill';
  const mounted = { op: 'mount', source: 'none', target, fstype: 'tmpfs', flags: [], data: 'size=4G' };
  const copies = Array.from({ length: 3000 }, (_, n) => ({ op: 'copy-file', from: '/init', to: `${target}/${n}` }));
  return [mounted, ...copies];
}

const wanted = process.argv.slice(2);
for (const [name, how] of Object.entries(CONSOLES))
  if (wanted.length === 0 || wanted.includes(name))
    await record(name, how).catch((error) => {
      process.exitCode = 1;
      process.stdout.write(`${name}: not recorded: ${error.message}\n`);
    });
await rm(temporary, { recursive: true });
