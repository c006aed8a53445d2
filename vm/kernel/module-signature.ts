/**
 * Whether modules belong to a boot image: each is signed by a key whose certificate is compiled into the image
 * (CONFIG_MODULE_SIG; Documentation/admin-guide/module-signing.rst). A chain of trust from an image whose hash is
 * known to modules whose hash is not.
 */
import { verify, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { HarnessError } from '../errors.ts';
import { decompressModule } from './modinfo.ts';

/** X.509 certificates inside a bzImage. Throws HarnessError when its payload cannot be unpacked or holds none. */
export async function certificatesOf(image: string): Promise<readonly X509Certificate[]> {
  const vmlinux = await decompressPayload(image);
  const certificates: X509Certificate[] = [];
  for (let at = vmlinux.indexOf(LONG_SEQUENCE); at !== -1; at = vmlinux.indexOf(LONG_SEQUENCE, at + 1)) {
    if (vmlinux.readUInt16BE(at + 4) !== 0x3082) continue;
    const end = at + 4 + vmlinux.readUInt16BE(at + 2);
    try {
      if (end <= vmlinux.length) certificates.push(new X509Certificate(vmlinux.subarray(at, end)));
    } catch {
      // Other bytes that begin like a certificate.
    }
  }
  if (certificates.length === 0)
    throw new HarnessError(`${image} holds no certificate that modules could be signed with`);
  return certificates;
}

const LONG_SEQUENCE = Buffer.from([0x30, 0x82]);

/** The compressed vmlinux: offset, length and magic as in the x86 boot protocol (boot.rst, 0x248 and 0x24c). */
async function decompressPayload(image: string): Promise<Buffer> {
  const file = await readFile(image);
  const setupSectors = file[0x1f1] === 0 ? 4 : file[0x1f1]!;
  const begin = (setupSectors + 1) * 512 + file.readUInt32LE(0x248);
  const payload = file.subarray(begin, begin + file.readUInt32LE(0x24c));
  const program =
    payload.readUInt32BE(0) === 0xfd377a58
      ? 'xz'
      : payload.readUInt32BE(0) === 0x28b52ffd
        ? 'zstd'
        : payload.readUInt16BE(0) === 0x1f8b
          ? 'gzip'
          : undefined;
  if (program === undefined)
    throw new HarnessError(`${image}: its payload is compressed in a way that is not known here`);
  // Its last four bytes are the unpacked size (arch/x86/boot/compressed/Makefile, size_append); gzip has them itself.
  const input = program === 'gzip' ? payload : payload.subarray(0, -4);
  const { stdout } = await execa(program, ['-dcq'], {
    input,
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: 1024 ** 3,
    timeout: 120_000,
  });
  return Buffer.from(stdout);
}

/** Whether a module, plain or compressed, is signed by one of the certificates. */
export async function isSignedBy(file: string, certificates: readonly X509Certificate[]): Promise<boolean> {
  const signed = splitSignature(file.endsWith('.ko') ? await readFile(file) : await decompressModule(file));
  if (signed === undefined) return false;
  const signer = parseSigner(signed.pkcs7);
  if (signer === undefined) return false;
  return certificates.some(({ publicKey }) => {
    try {
      return verify(signer.digest, signed.contents, publicKey, signer.signature);
    } catch {
      return false;
    }
  });
}

const MAGIC = Buffer.from('~Module signature appended~\n');
/** struct module_signature (include/linux/module_signature.h): its last word is the signature's length. */
const RECORD_BYTES = 12;

/** Contents and PKCS#7 blob of a signed module; undefined when none is appended. */
export function splitSignature(module: Buffer): { readonly contents: Buffer; readonly pkcs7: Buffer } | undefined {
  const record = module.length - MAGIC.length - RECORD_BYTES;
  if (record < 0 || !module.subarray(-MAGIC.length).equals(MAGIC)) return undefined;
  const begin = record - module.readUInt32BE(record + 8);
  return begin < 0 ? undefined : { contents: module.subarray(0, begin), pkcs7: module.subarray(begin, record) };
}

/** Digest and signature of the only signer, as scripts/sign-file.c writes it: detached, without signed attributes. */
function parseSigner(pkcs7: Buffer): { readonly digest: string; readonly signature: Buffer } | undefined {
  try {
    const [, explicit] = children(children(pkcs7)[0]!.contents);
    const signedData = children(children(explicit!.contents)[0]!.contents);
    const signer = children(children(signedData.at(-1)!.contents)[0]!.contents);
    const [, , algorithm, , signature] = signer;
    const digest = DIGESTS[children(algorithm!.contents)[0]!.contents.toString('hex')];
    return signer.length !== 5 || signature?.tag !== 0x04 || digest === undefined
      ? undefined
      : { digest, signature: signature.contents };
  } catch {
    return undefined;
  }
}

/** Object identifiers 2.16.840.1.101.3.4.2.x. */
const DIGESTS: Readonly<Record<string, string>> = {
  '608648016503040201': 'sha256',
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
};

interface Element {
  readonly tag: number;
  readonly contents: Buffer;
}

/** The elements of a DER value, one after the other. Throws RangeError on what is cut off. */
function children(der: Buffer): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < der.length;) {
    const first = der.readUInt8(at + 1);
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const length = lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes);
    const begin = at + 2 + lengthBytes;
    if (begin + length > der.length) throw new RangeError('cut off');
    elements.push({ tag: der.readUInt8(at), contents: der.subarray(begin, begin + length) });
    at = begin + length;
  }
  return elements;
}
