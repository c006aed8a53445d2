/** What differs between architectures in a kernel's packaging. Only x86_64 so far; nothing else asks which it is. */
export const architecture = {
  /** Debian's name. */
  debian: 'amd64',
  /** The flavour of a spec that names none: a third of the full one's size, and it has all that fathom needs. */
  defaultFlavour: 'cloud-amd64',
  flavours: ['cloud-amd64', 'amd64', 'rt-amd64'],
  /** The boot image in a build tree. */
  treeImage: 'arch/x86/boot/bzImage',
} as const;
