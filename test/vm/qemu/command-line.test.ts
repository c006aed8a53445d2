import t from 'tap';
import { hostArchitecture } from '../../../vm/architecture.ts';
import { diskDevice } from '../../../vm/machine.ts';
import { kernelCommandLine, qemuArguments, type QemuMachine } from '../../../vm/qemu/command-line.ts';

const machine: QemuMachine = {
  architecture: hostArchitecture(),
  accelerator: 'tcg',
  memoryMiB: 256,
  cpus: 1,
  ram: { kind: 'anonymous' },
  kernel: '/proc/self/fd/6',
  initramfs: '/proc/self/fd/7',
  slots: [],
  device: 'virtio-blk',
  incoming: false,
};
const line = (change: Partial<QemuMachine>): string =>
  qemuArguments({ ...machine, ...change }, { qmp: 3, agent: 4, console: 5 }, 'name').join(' ');

await t.test('given a machine, then its command line is this', async (t) => {
  t.equal(
    line({}),
    [
      '-name name -nodefaults -no-user-config -no-reboot -display none -nic none',
      '-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
      '-machine q35,smm=off,vmport=off,memory-backend=ram -accel tcg -cpu max,la57=off,pcid=off,erms=off -smp 1 -m 256M',
      '-object memory-backend-ram,id=ram,size=256M',
      '-add-fd set=0,fd=5 -chardev file,id=console,path=/dev/fdset/0 -serial chardev:console',
      '-chardev socket,id=qmp,fd=3 -mon chardev=qmp,mode=control',
      '-device virtio-serial-pci,ioeventfd=off -chardev socket,id=agent,fd=4 -device virtserialport,chardev=agent,name=fathom',
      '-kernel /proc/self/fd/6 -initrd /proc/self/fd/7',
      '-append console=ttyS0 earlyprintk=serial,ttyS0,115200 quiet loglevel=4 panic=-1 oops=panic nokaslr randomize_kstack_offset=off',
    ].join(' '),
  );
});

await t.test('given several CPUs, then under TCG one thread runs them all, and under KVM QEMU decides', async (t) => {
  t.match(line({ cpus: 2 }), '-accel tcg,thread=single -cpu max,la57=off,pcid=off,erms=off -smp 2');
  t.match(line({ cpus: 2, accelerator: 'kvm' }), '-accel kvm -cpu host -smp 2');
});

await t.test('given KVM, then the bells of devices are its own to answer', async (t) => {
  const slots = [{ kind: 'empty', sizeBytes: 512 }] as const;
  t.notMatch(line({ accelerator: 'kvm', slots }), 'ioeventfd');
  t.notMatch(line({ accelerator: 'kvm', slots, device: 'virtio-scsi' }), 'ioeventfd');
});

await t.test('given RAM in a file, then a template shares it and a clone does not', async (t) => {
  t.match(
    line({ ram: { kind: 'file', path: '/proc/self/fd/8', shared: true } }),
    'memory-backend-file,id=ram,size=256M,mem-path=/proc/self/fd/8,share=on',
  );
  const clone = line({ ram: { kind: 'file', path: '/a,b', shared: false }, incoming: true });
  t.match(clone, 'mem-path=/a,,b,share=off', 'and a comma in a path is doubled');
  t.match(clone, '-S -incoming defer');
});

await t.test('given slots, then an empty one reads as zeros and an image is never written to', async (t) => {
  const slots = line({
    slots: [
      { kind: 'empty', sizeBytes: 512 },
      { kind: 'image', descriptor: 9 },
    ],
  });
  t.match(
    slots,
    '-drive if=none,id=slot0,driver=null-co,size=512,read-zeroes=on -device virtio-blk-pci,drive=slot0,serial=slot0,ioeventfd=off',
  );
  t.match(
    slots,
    '-add-fd set=9,fd=9 -drive if=none,id=slot1,driver=raw,file.driver=file,file.filename=/dev/fdset/9,snapshot=on',
  );
});

await t.test('given SCSI or NVMe disks, then one controller has them all, each at the place of its slot', async (t) => {
  const slots = [
    { kind: 'empty', sizeBytes: 512 },
    { kind: 'image', descriptor: 9 },
  ] as const;
  const scsi = line({ device: 'virtio-scsi', slots });
  t.match(scsi, '-device virtio-scsi-pci,id=disks,ioeventfd=off -drive if=none,id=slot0,');
  t.match(scsi, '-device scsi-hd,bus=disks.0,channel=0,scsi-id=0,lun=0,drive=slot0,serial=slot0');
  t.match(scsi, '-device scsi-hd,bus=disks.0,channel=0,scsi-id=1,lun=0,drive=slot1,serial=slot1');
  t.notMatch(scsi, 'virtio-blk');
  const nvme = line({ device: 'nvme', slots });
  t.match(nvme, '-device nvme,id=disks,serial=disks -drive if=none,id=slot0,');
  t.match(nvme, '-device nvme-ns,bus=disks,nsid=1,drive=slot0 ');
  t.match(nvme, '-device nvme-ns,bus=disks,nsid=2,drive=slot1 ');
  t.notMatch(nvme, 'virtio-blk');
});

await t.test(
  'given a slot, then its disk is found by name or, where names are left to chance, by a link',
  async (t) => {
    t.equal(diskDevice(1, 'virtio-blk'), '/dev/vdb');
    t.equal(diskDevice(1, 'virtio-scsi'), '/run/fathom/disk/1');
    t.equal(diskDevice(0, 'nvme'), '/run/fathom/disk/0');
  },
);

await t.test('given the kernel command line, then stacks are not randomized and an oops ends the guest', async (t) => {
  t.match(kernelCommandLine(hostArchitecture()), /panic=-1 oops=panic nokaslr randomize_kstack_offset=off$/);
});
