import { readFileSync } from 'node:fs';
import t from 'tap';
import { parseMappings, proportionalSetSize } from '../../../vm/qemu/memory.ts';

// Two mappings of a clone's QEMU, Linux 6.12, fields in between left out.
const SMAPS = `7f0c30000000-7f0c40000000 rw-p 00000000 fe:00 8651 /cache/templates/9e21/ram
Size:             262144 kB
Pss:                9184 kB
Pss_Dirty:           528 kB
Anonymous:           528 kB
7f0c50000000-7f0c50200000 rw-p 00000000 00:00 0
Size:               2048 kB
Pss:                2048 kB
Anonymous:          2048 kB
`;

await t.test('given the mappings of a process, then each has its file and sizes', async (t) => {
  t.same(parseMappings(SMAPS), [
    { file: '/cache/templates/9e21/ram', permissions: 'rw-p', pssBytes: 9184 * 1024, anonymousBytes: 528 * 1024 },
    { file: '', permissions: 'rw-p', pssBytes: 2048 * 1024, anonymousBytes: 2048 * 1024 },
  ]);
  t.same(parseMappings(''), []);
});

await t.test("given this process, then its proportional set size is near the kernel's own sum", async (t) => {
  const size = await proportionalSetSize(process.pid);
  const sum = Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))?.[1]) * 1024;
  t.ok(Math.abs(size - sum) < sum / 5, `${size} against ${sum}`);
});
