#!/usr/bin/env node
/**
 * A small Debian box for Vagrant's libvirt provider, from the machine's own Debian mirror:
 *
 *   node vm/vagrant/build-box.js fathom-debian.box      # as root, in minutes
 *
 * FATHOM_BOX_SUITE (default trixie) is Debian's release, FATHOM_MIRROR another mirror. The disk is one ext4 filesystem
 * that boots by extlinux and always the newest kernel that is installed: /vmlinuz and /initrd.img of its root.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { $, fs } from 'zx';

const INCLUDE = [
  ...[
    'linux-image-amd64',
    'systemd-sysv',
    'udev',
    'dbus',
    'kmod',
    'openssh-server',
    'sudo',
    'rsync',
    'ca-certificates',
  ],
  ...['initramfs-tools', 'nodejs', 'npm', 'gcc', 'libc6-dev', 'erofs-utils', 'xfsprogs', 'xz-utils', 'zstd'],
];
const DISK = '8G';
const KERNEL_ARGUMENTS = 'root=LABEL=fathom rw console=tty0 console=ttyS0 panic=5 net.ifnames=0';
/** Where Vagrant's package keeps the key that every box begins with; Vagrant replaces it at the first start. */
const KEYS = ['/usr/share/vagrant/keys/vagrant.pub', '/opt/vagrant/embedded/gems/gems/vagrant/keys/vagrant.pub'];

const [output] = process.argv.slice(2);
if (output === undefined || process.getuid?.() !== 0) {
  process.stderr.write('usage, as root: node vm/vagrant/build-box.js FILE.box\n');
  process.exit(2);
}
const suite = process.env.FATHOM_BOX_SUITE ?? 'trixie';
const { findMirrors } = await import('../../dist/vm/archive/mirrors.js');
const mirror = process.env.FATHOM_MIRROR?.split(',')[0] ?? (await findMirrors(undefined)).main;
const work = await fs.mkdtemp(path.join(tmpdir(), 'fathom-box-'));
const root = path.join(work, 'root');
const image = path.join(work, 'box.img');

/** Files of the root, by their paths. */
const FILES = {
  'etc/kernel-img.conf': 'do_symlinks = yes\n',
  'etc/fstab': 'LABEL=fathom / ext4 defaults 0 1\n',
  'etc/hostname': 'fathom\n',
  'etc/systemd/network/any.network': '[Match]\nName=eth*\n[Network]\nDHCP=yes\n',
  'etc/sudoers.d/vagrant': 'vagrant ALL=(ALL) NOPASSWD: ALL\n',
  'etc/ssh/sshd_config.d/vagrant.conf': 'UseDNS no\n',
  'boot/extlinux/extlinux.conf': [
    ...['default linux', 'prompt 0', 'timeout 0', 'label linux'],
    ...['  kernel /vmlinuz', '  initrd /initrd.img', `  append ${KERNEL_ARGUMENTS}`, ''],
  ].join('\n'),
};

const publicKey = async () => {
  for (const file of [
    ...KEYS,
    ...(await $`find /usr/share -name vagrant.pub -path '*keys*'`.quiet()).stdout.split('\n'),
  ])
    if (file !== '' && (await fs.pathExists(file))) return readFile(file, 'utf8');
  throw new Error('Vagrant is not installed: its first public key is in none of its places');
};

try {
  $.verbose = true;
  await $`mmdebstrap --variant=minbase --include=${INCLUDE.join(',')} ${suite} ${root} ${mirror}`;
  for (const [name, content] of Object.entries(FILES)) {
    await fs.mkdirp(path.join(root, path.dirname(name)));
    await writeFile(path.join(root, name), content);
  }
  const ssh = path.join(root, 'home/vagrant/.ssh');
  await $`chroot ${root} useradd --create-home --shell /bin/bash vagrant`;
  await fs.mkdirp(ssh);
  await writeFile(path.join(ssh, 'authorized_keys'), await publicKey(), { mode: 0o600 });
  await $`chmod 700 ${ssh}`;
  await $`chroot ${root} chown -R vagrant: /home/vagrant`;
  await $`chroot ${root} systemctl enable systemd-networkd ssh`;
  await fs.remove(path.join(root, 'etc/machine-id'));
  await writeFile(path.join(root, 'etc/machine-id'), 'uninitialized\n');
  // The kernel of the root was installed before it was told to keep these links.
  const [kernel] = (await fs.readdir(path.join(root, 'boot'))).filter((name) => name.startsWith('vmlinuz-'));
  const release = kernel.replace('vmlinuz-', '');
  await $`ln -sf boot/vmlinuz-${release} ${root}/vmlinuz`;
  await $`ln -sf boot/initrd.img-${release} ${root}/initrd.img`;

  await $`truncate -s ${DISK} ${image}`;
  // What extlinux can read.
  await $`mke2fs -q -t ext4 -L fathom -O ^64bit,^metadata_csum -d ${root} ${image}`;
  const mounted = path.join(work, 'mounted');
  await fs.mkdirp(mounted);
  await $`unshare --mount sh -c ${`mount -o loop ${image} ${mounted} && extlinux --install ${mounted}/boot/extlinux`}`;
  const box = path.join(work, 'box');
  await fs.mkdirp(box);
  await $`qemu-img convert -c -O qcow2 ${image} ${box}/box.img`;
  await writeFile(
    path.join(box, 'metadata.json'),
    JSON.stringify({ provider: 'libvirt', format: 'qcow2', virtual_size: 8 }),
  );
  await writeFile(path.join(box, 'Vagrantfile'), 'Vagrant.configure("2") { |config| }\n');
  await $`tar -C ${box} -cf ${path.resolve(output)} metadata.json Vagrantfile box.img`;
} finally {
  await $`rm -rf --one-file-system ${work}`;
}
