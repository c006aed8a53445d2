import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { pack } from '../../../vm/agent/initramfs.ts';

const signal = AbortSignal.timeout(30_000);

for (const program of ['xz', 'zstd', 'gzip'])
  t.test(
    `given a signed module packed by ${program}, then the guest gets its last byte too: the signature ends with a newline`,
    async (t) => {
      const directory = t.testdir({ init: 'init', 'erofs.ko': 'code and ~Module signature appended~\n' });
      const module = path.join(directory, 'erofs.ko');
      const { stdout } = await execa(program, ['-c', module], { encoding: 'buffer', stripFinalNewline: false });
      const suffix = { xz: '.xz', zstd: '.zst', gzip: '.gz' }[program]!;
      await writeFile(`${module}${suffix}`, stdout);
      const archive = await pack(
        path.join(directory, 'init'),
        [{ name: 'erofs', file: `${module}${suffix}`, replaced: false }],
        signal,
      );
      t.ok(Buffer.concat(archive).includes('code and ~Module signature appended~\n'));
    },
  );
