import t from 'tap';
import { parseRegisters, symbolAt, usualStates } from '../../../vm/qemu/whereabouts.ts';

// `info registers -a` of QEMU 7.2, each CPU's first and third line.
const registers = (...cpus: readonly string[]): string =>
  cpus.map((lines, index) => `\r\nCPU#${index}\r\n${lines}\r\n`).join('');
const IDLE =
  'RAX=0000000000000000 RBX=ffffffff8320d240\r\nRIP=ffffffff82074c1f RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1';
const USER =
  'RAX=0000000000000000 RBX=0000000000000001\r\nRIP=00000000004017d5 RFL=00000206 [-----P-] CPL=3 II=0 A20=1 SMM=0 HLT=0';
const DEAD =
  'EAX=00000053 EBX=00000000 ECX=003a2316 EDX=00060fb1\r\nEIP=00100023 EFL=00000086 [--S--P-] CPL=0 II=0 A20=1 SMM=0 HLT=1';

await t.test(
  'given the registers of a guest, then each CPU is known to be idle, in user space, or halted for good',
  async (t) => {
    t.same(parseRegisters(registers(IDLE, USER, DEAD)), [
      { programCounter: 0xffffffff82074c1fn, user: false, halted: true, dead: false },
      { programCounter: 0x4017d5n, user: true, halted: false, dead: false },
      { programCounter: 0x100023n, user: false, halted: true, dead: true },
    ]);
  },
);

await t.test('given something else than registers, then no CPU is known', async (t) =>
  t.same(parseRegisters('unknown command'), []),
);

await t.test(
  'given an idle CPU that one look found in its timer, then it is idle; and a busy one is not',
  async (t) => {
    const [idle, user] = parseRegisters(registers(IDLE, USER));
    if (idle === undefined || user === undefined) throw new Error('no states');
    const timer = { ...idle, halted: false, programCounter: 0xffffffff81315880n };
    t.same(
      usualStates([
        [timer, user],
        [idle, user],
        [idle, idle],
      ]),
      [idle, user],
    );
    t.same(usualStates([[timer], [timer], [idle]]), [timer]);
    t.same(usualStates([[], []]), []);
  },
);

const MAP = [
  'ffffffff81000000 T _stext',
  'ffffffff81001000 t do_one',
  'ffffffff81001000 D not_text',
  'ffffffff81002000 T do_two',
  'ffffffff81003000 T _etext',
  '',
].join('\n');

await t.test('given a System.map, then an address is its nearest symbol below', async (t) => {
  t.equal(symbolAt(MAP, 0xffffffff8100101cn), 'do_one+0x1c');
  t.equal(symbolAt(MAP, 0xffffffff81002000n), 'do_two+0x0');
});

await t.test(
  'given an address outside of the map, or the empty map that Debian ships, then it stays an address',
  async (t) => {
    t.equal(symbolAt(MAP, 0xffffffffc0001000n), '0xffffffffc0001000');
    t.equal(symbolAt(MAP, 0x1000n), '0x1000');
    t.equal(
      symbolAt(
        'ffffffffffffffff B The real System.map is in the linux-image-6.18.9-dbg package\n',
        0xffffffff82074c1fn,
      ),
      '0xffffffff82074c1f',
    );
  },
);
