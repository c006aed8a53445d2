/** Each way of attaching disks, on two CPUs: whichever order the probes come through in, slot i is disk i. */
import { createHash } from 'node:crypto';
import t from 'tap';
import { diskDevice, type DiskDevice, type Shape } from '../../../vm/machine.ts';
import { prepareTemplate } from '../../../vm/qemu/template.ts';
import { diskOf, kernel, planOf, shape, signal, tidyTest } from './machine.ts';

const SLOTS = 8;
const sizeBytes = shape.slots[0]!.sizeBytes;
const EXPECTED: Readonly<Record<DiskDevice, object>> = {
  'virtio-blk': { how: 'clone' },
  'virtio-scsi': { how: 'clone' },
  nvme: { how: 'boot', because: /QEMU cannot freeze a guest with NVMe disks/ },
};
const zeros = createHash('sha256').update(Buffer.alloc(sizeBytes)).digest('hex');

for (const device of Object.keys(EXPECTED) as DiskDevice[]) {
  await tidyTest(t, `given ${device} and two CPUs, then the disk of slot i is found where slot i is`, async (t) => {
    const own: Shape = { ...shape, cpus: 2, device, slots: Array.from({ length: SLOTS }, () => ({ sizeBytes })) };
    await using template = await prepareTemplate({ kernel, shape: own, accelerator: 'auto', fresh: false, signal });
    const disks = Array.from({ length: SLOTS - 1 }, (_, slot) => diskOf(t, `disk${slot}`, 0x10 + slot));
    await using machine = await template.clone(disks, { signal });
    t.match(machine.start, EXPECTED[device]);
    t.comment(`${machine.start.how} ${Math.round(machine.start.durationMs)} ms, boot ${template.bootMs}`);
    const look = planOf(
      ...own.slots.map((_, slot) => ({ op: 'read', path: diskDevice(slot, device) }) as const),
      { op: 'write-text', path: diskDevice(0, device), text: 'written' },
      { op: 'read', path: '/sys/devices/system/cpu/online' },
    );
    const outcome = await machine.run(look, { signal });
    t.match(outcome, { kind: 'completed', leftovers: [] });
    t.same(
      outcome.results.slice(0, SLOTS).map(({ ok, sha256 }) => (ok ? sha256 : undefined)),
      [...disks.map(({ sha256 }) => sha256), zeros],
    );
    t.match(outcome.results[SLOTS], { ok: true }, 'and can be written to');
    t.equal(
      outcome.results.at(-1)?.sha256,
      createHash('sha256').update('0-1\n').digest('hex'),
      'and both CPUs are there',
    );
  });
}
