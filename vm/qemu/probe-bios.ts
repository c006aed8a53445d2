/**
 * The smallest guest there is: a BIOS that goes to protected mode, says `S`, works for a fixed count, says `E` and
 * powers off. It says whether an accelerator runs guests at all, and how fast. Protected mode, because KVM may be
 * emulating real mode, on old hardware and in bad nests alike.
 */

/** Rounds of the probe; each is a call, a push, a read and write of memory, a pop and a return. */
export const PROBE_ROUNDS = 8_000_000;

const SIZE = 65536;
/** The image ends at 4 GiB and at 1 MiB; this is the second. */
const BASE = 0xf0000;
/** Ports of QEMU's isa-debugcon and isa-debug-exit devices. */
export const DEBUG_CONSOLE_PORT = 0xe9;
export const DEBUG_EXIT_PORT = 0xf4;
/** isa-debug-exit ends QEMU with twice what was written, plus one. */
export const PROBE_EXIT_CODE = 0x10 * 2 + 1;

const PROTECTED = 0x40;
const GDT = 0x100;
const GDT_POINTER = 0x140;

/** The image of a 64 KiB BIOS; the CPU starts at its last 16 bytes. */
export function probeBios(): Buffer {
  const image = Buffer.alloc(SIZE, 0xf4 /* hlt */);
  const put = (at: number, bytes: readonly number[]): void => void Buffer.from(bytes).copy(image, at);
  const say = (letter: string): number[] => [0xb0, letter.charCodeAt(0), 0xe6, DEBUG_CONSOLE_PORT]; // mov al, letter; out 0xe9, al

  // The reset vector, 16-bit: jmp 0xf000:0x0000.
  put(0xfff0, [0xea, 0x00, 0x00, 0x00, 0xf0]);
  put(0, [
    ...[0xfa], // cli
    ...[0x2e, 0x66, 0x0f, 0x01, 0x16, ...u16(GDT_POINTER)], // lgdt cs:[GDT_POINTER]
    ...[0x0f, 0x20, 0xc0], // mov eax, cr0
    ...[0x66, 0x83, 0xc8, 0x01], // or eax, 1
    ...[0x0f, 0x22, 0xc0], // mov cr0, eax
    ...[0x66, 0xea, ...u32(BASE + PROTECTED), 0x08, 0x00], // jmp 0x08:PROTECTED
  ]);
  put(PROTECTED, [
    ...[0x66, 0xb8, 0x10, 0x00], // mov ax, 0x10
    ...[0x8e, 0xd8, 0x8e, 0xd0], // mov ds, ax; mov ss, ax
    ...[0xbc, ...u32(0x7000)], // mov esp, 0x7000
    ...say('S'),
    ...[0xb9, ...u32(PROBE_ROUNDS)], // mov ecx, PROBE_ROUNDS
    // again:
    ...[0xe8, ...u32(5)], // call work
    ...[0x49], // dec ecx
    ...[0x75, 0xf8], // jnz again
    ...[0xeb, 0x09], // jmp done
    // work:
    ...[0x51], // push ecx
    ...[0xff, 0x05, ...u32(0x6000)], // inc dword [0x6000]
    ...[0x59], // pop ecx
    ...[0xc3], // ret
    // done:
    ...say('E'),
    ...[0xb0, 0x10, 0xe6, DEBUG_EXIT_PORT], // mov al, 0x10; out 0xf4, al
  ]);
  // Null, flat 32-bit code, flat 32-bit data.
  put(GDT, [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0x9a, 0xcf, 0, 0xff, 0xff, 0, 0, 0, 0x92, 0xcf, 0]);
  put(GDT_POINTER, [...u16(23), ...u32(BASE + GDT)]);
  return image;
}

function u16(value: number): number[] {
  return [value & 0xff, value >> 8];
}

function u32(value: number): number[] {
  return [...u16(value & 0xffff), ...u16(value >>> 16)];
}
