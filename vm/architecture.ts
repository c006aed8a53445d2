/** All that differs from one guest architecture to the next; nothing else asks which one it is. */
import { UnsupportedError } from './errors.ts';

export interface Architecture {
  /** As in `uname -m`. */
  readonly name: string;
  /** The QEMU that emulates it. */
  readonly qemu: { readonly program: string; readonly package: string };
  /** `-machine` type with its options. */
  readonly machine: string;
  /** `-cpu` for each accelerator. */
  readonly cpu: { readonly tcg: string; readonly kvm: string };
  /** The console's device as the kernel names it, and what shows messages from before it is registered. */
  readonly console: string;
  readonly earlyConsole: string;
  /** The kernel image's name in a build tree. */
  readonly image: string;
  /** Debian's name for it. */
  readonly debian: string;
  /** What starts a program with its shared libraries; the last part of the name that its programs carry. */
  readonly dynamicLoader: string;
  /** The program counter in QEMU's `info registers`, in each mode of the CPU. */
  readonly programCounter: RegExp;
}

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x64: {
    name: 'x86_64',
    qemu: { program: 'qemu-system-x86_64', package: 'qemu-system-x86' },
    machine: 'q35,smm=off,vmport=off',
    // Without five-level page tables and PCID: emulated, they take a sixth of a guest's time and give nothing. Without ERMS:
    // the kernel then copies words, where an emulated `rep movsb` goes byte by byte (a twentieth).
    cpu: { tcg: 'max,la57=off,pcid=off,erms=off', kvm: 'host' },
    console: 'ttyS0',
    earlyConsole: 'earlyprintk=serial,ttyS0,115200',
    image: 'bzImage',
    debian: 'amd64',
    dynamicLoader: 'ld-linux-x86-64.so.2',
    programCounter: /\b[ER]IP=([0-9a-f]{8,16})\b/,
  },
};

/** The architecture of the machine that fathom runs on: its guests are of the same. */
export function hostArchitecture(): Architecture {
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined) {
    throw new UnsupportedError(`guests of architecture ${process.arch}`, {
      remedy: `run fathom on one of: ${Object.values(ARCHITECTURES)
        .map(({ name }) => name)
        .join(', ')}`,
    });
  }
  return architecture;
}
