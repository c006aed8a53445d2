#!/usr/bin/env node
/**
 * Run as root in the machine of the Vagrantfile, by Vagrant: the second disk is where sessions keep their disks, and the
 * kernel that FATHOM_KERNEL names is installed for the next start (`vagrant reload`).
 */
import { $, fs } from 'zx';

/** Where a session keeps its disks: vm/direct/session.ts. */
const PLACE = '/var/tmp';
const LABEL = 'fathom-backing';

process.env.DEBIAN_FRONTEND = 'noninteractive';
$.verbose = true;

const kernel = process.env.FATHOM_KERNEL ?? '';
if (kernel !== '') {
  await $`apt-get -qq update`;
  await $`apt-get -qq install --no-install-recommends -y ${kernel}`;
}

const found = await $`lsblk --json --output NAME,TYPE,FSTYPE,LABEL,MOUNTPOINT`.quiet();
const disks = JSON.parse(found.stdout).blockdevices.filter(({ type }) => type === 'disk');
if (disks.some(({ label }) => label === LABEL)) process.exit();
const [empty] = disks.filter(({ fstype, mountpoint, children }) => !fstype && !mountpoint && !children);
if (empty === undefined) throw new Error('there is no second disk, or it is in use');
await $`mkfs.xfs -q -L ${LABEL} /dev/${empty.name}`;
await fs.appendFile('/etc/fstab', `LABEL=${LABEL} ${PLACE} xfs defaults,nofail 0 2\n`);
await $`mount ${PLACE}`;
await $`chmod 1777 ${PLACE}`;
