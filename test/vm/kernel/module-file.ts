/** Module files for tests: real ELF objects with a .modinfo section, which no kernel would load. */
import { rm, writeFile } from 'node:fs/promises';
import { execa } from 'execa';

/** @param strings `key=value`; none leaves the section out */
export async function buildModule(
  file: string,
  strings: readonly string[],
  flags: readonly string[] = [],
): Promise<void> {
  const lines = strings.map(
    (one, i) => `static const char s${i}[] __attribute__((used, section(".modinfo"))) = ${JSON.stringify(one)};`,
  );
  const source = `${file}.c`;
  await writeFile(source, `int x;\n${lines.join('\n')}\n`);
  await execa('cc', [...flags, '-c', '-o', file, source]);
  await rm(source);
}

/** The start of a bzImage with this version string; nothing could boot it. */
export function fakeImage(banner: string): Buffer {
  const image = Buffer.alloc(4096);
  image.write('HdrS', 0x202, 'latin1');
  image.writeUInt16LE(0x600, 0x20e);
  image.write(banner, 0x800, 'latin1');
  return image;
}
