/** A wrong kernel, made at test time: a copy of the shipped overlay.ko that lets three overlays stand. */
import { execa } from 'execa';
import { writeFile } from 'node:fs/promises';

/** `cmp $2,%r32` and a signed jump: FILESYSTEM_MAX_STACK_DEPTH in ovl_fill_super, the only such pair in the module. */
const COMPARISON = /\x83[\xf8-\xff]\x02(?:\x0f\x8f|\x7f)/g;

const SIGNATURE_MAGIC = '~Module signature appended~\n';

/** Writes a copy of `module` (.ko or .ko.xz) whose limit is `limit`; without its signature, which no longer fits. */
export async function alterDepthLimit(
  module: string,
  target: string,
  limit: number,
  options: { keepSignature?: boolean } = {},
): Promise<void> {
  const code = await bytesOf(module);
  const places = [...code.toString('latin1').matchAll(COMPARISON)].map(({ index }) => index);
  if (places.length !== 1)
    throw new Error(`${module}: the comparison with the limit is there ${places.length} times, not once`);
  code[places[0]! + 2] = limit;
  await writeFile(target, options.keepSignature === true ? code : withoutSignature(code));
}

/** Writes a copy of `module` in which the one place that reads `from` reads `to`, of the same length. */
export async function alterText(module: string, target: string, from: string, to: string): Promise<void> {
  const code = await bytesOf(module);
  const place = code.indexOf(from, 0, 'latin1');
  if (place < 0 || code.indexOf(from, place + 1, 'latin1') >= 0 || from.length !== to.length)
    throw new Error(`${module}: "${from}" is not there once, or "${to}" is of another length`);
  code.write(to, place, 'latin1');
  await writeFile(target, withoutSignature(code));
}

async function bytesOf(module: string): Promise<Buffer> {
  const { stdout } = await execa('xz', ['--decompress', '--stdout', '--force', module], {
    encoding: 'buffer',
    stripFinalNewline: false,
  });
  return Buffer.from(stdout);
}

/** A signature that no longer fits is refused; none at all only taints. The trailer is that of include/linux/module_signature.h. */
export function withoutSignature(module: Buffer): Buffer {
  if (module.subarray(-SIGNATURE_MAGIC.length).toString('latin1') !== SIGNATURE_MAGIC) return module;
  const record = module.length - SIGNATURE_MAGIC.length - 12;
  return module.subarray(0, record - module.readUInt32BE(record + 8));
}
