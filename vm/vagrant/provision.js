#!/usr/bin/env node
/**
 * Run as root in the machine of the Vagrantfile, by Vagrant: the second disk is where sessions keep their disks, and the
 * kernel that FATHOM_KERNEL names, PACKAGE or PACKAGE/SUITE, is installed and boots from the next start on
 * (`vagrant reload`), be it older than the machine's own.
 */
import { $, fs } from 'zx';

/** Where a session keeps its disks: vm/direct/session.ts. */
const PLACE = '/var/tmp';
/** At most 12 bytes, for XFS. */
const LABEL = 'fathom-disk';

process.env.DEBIAN_FRONTEND = 'noninteractive';
$.verbose = true;

const words = async (command) => (await command.quiet()).stdout.split(/\s+/).filter((word) => word !== '');

/** From the mirror that the machine has its own release from. */
async function addSuite(suite) {
  const [mirror] = await words($`apt-get indextargets --format ${'$(SITE)'} ${'Created-By: Packages'}`);
  if (mirror === undefined) throw new Error('the machine has no apt source, from which the mirror is taken');
  await fs.writeFile('/etc/apt/sources.list.d/fathom.list', `deb ${mirror} ${suite} main\n`);
}

/** The release of a kernel's package, or of the one that a metapackage depends on. */
async function releaseOf(name) {
  const depends = await words($`dpkg-query --show --showformat ${'${Depends}'} ${name}`);
  const image = [name, ...depends].find((word) => /^linux-image-\d/.test(word));
  if (image === undefined) throw new Error(`${name} is no kernel, and depends on none`);
  return image.replace('linux-image-', '');
}

/** Whatever is the newest, by the boot loader that the machine has. */
async function bootAlways(release) {
  if (await fs.pathExists('/boot/grub/grub.cfg')) {
    const choice = `GRUB_DISABLE_SUBMENU=true\nGRUB_DEFAULT="Debian GNU/Linux, with Linux ${release}"\n`;
    await fs.outputFile('/etc/default/grub.d/fathom.cfg', choice);
    await $`update-grub`;
    return;
  }
  await $`ln -sf boot/vmlinuz-${release} /vmlinuz`;
  await $`ln -sf boot/initrd.img-${release} /initrd.img`;
}

async function installKernel(wanted) {
  const [name, suite] = wanted.split('/');
  if (suite !== undefined) await addSuite(suite);
  await $`apt-get -qq update`;
  await $`apt-get -qq install --no-install-recommends -y ${wanted}`;
  await bootAlways(await releaseOf(name));
}

async function mountSecondDisk() {
  const found = await $`lsblk --json --output NAME,TYPE,FSTYPE,LABEL,MOUNTPOINT`.quiet();
  const disks = JSON.parse(found.stdout).blockdevices.filter(({ type }) => type === 'disk');
  if (disks.some(({ label }) => label === LABEL)) return;
  const [empty] = disks.filter(({ fstype, mountpoint, children }) => !fstype && !mountpoint && !children);
  if (empty === undefined) throw new Error('there is no second disk, or it is in use');
  await $`mkfs.xfs -q -L ${LABEL} /dev/${empty.name}`;
  await fs.appendFile('/etc/fstab', `LABEL=${LABEL} ${PLACE} xfs defaults,nofail 0 2\n`);
  await $`mount ${PLACE}`;
  await $`chmod 1777 ${PLACE}`;
}

await mountSecondDisk();
const kernel = process.env.FATHOM_KERNEL ?? '';
if (kernel !== '') await installKernel(kernel);
