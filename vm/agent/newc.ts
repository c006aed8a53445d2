/** cpio archives of the "newc" kind, which is what the kernel unpacks as an initramfs (Documentation/driver-api/early-userspace/buffer-format.rst). */
import { UsageError } from '../errors.ts';

export type NewcEntry = {
  /** Relative, without a leading slash. */ readonly path: string;
  /** Permission bits. */ readonly mode: number;
} & (
  | { readonly kind: 'directory' }
  | { readonly kind: 'file'; readonly content: Uint8Array }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'character'; readonly major: number; readonly minor: number }
);

const TYPE_BITS = { directory: 0o040000, file: 0o100000, symlink: 0o120000, character: 0o020000 } as const;
const TRAILER = 'TRAILER!!!';

/**
 * The archive's bytes, in pieces. Owner is root and every time is 0, so equal entries give equal archives; a directory
 * must come before what is in it, as the kernel does not make parents.
 */
export function newc(entries: readonly NewcEntry[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (const [index, entry] of entries.entries()) pieces.push(...member(entry, index + 1));
  pieces.push(header({ path: TRAILER, inode: 0, mode: 0, links: 1, size: 0, major: 0, minor: 0 }));
  return pieces;
}

function member(entry: NewcEntry, inode: number): Uint8Array[] {
  const body = entry.kind === 'file' ? entry.content : Buffer.from(entry.kind === 'symlink' ? entry.target : '');
  const { major, minor } = entry.kind === 'character' ? entry : { major: 0, minor: 0 };
  if (entry.path === '' || entry.path.startsWith('/') || entry.path === TRAILER || entry.path.includes('\0'))
    throw new UsageError(
      `no name for a cpio member: ${JSON.stringify(entry.path)}; it must be relative and not ${TRAILER}`,
    );
  if (body.length > 0xffffffff)
    throw new UsageError(`${entry.path} does not fit in a cpio archive: ${body.length} bytes, 4 GiB is the limit`);
  const mode = TYPE_BITS[entry.kind] | entry.mode;
  const links = entry.kind === 'directory' ? 2 : 1;
  return [
    header({ path: entry.path, inode, mode, links, size: body.length, major, minor }),
    body,
    padding(body.length),
  ];
}

interface Header {
  readonly path: string;
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
  readonly size: number;
  readonly major: number;
  readonly minor: number;
}

/** 13 fields of 8 hexadecimal digits, then the name with its NUL; header and name together end on 4 bytes. */
function header({ path, inode, mode, links, size, major, minor }: Header): Uint8Array {
  const name = Buffer.from(`${path}\0`);
  const fields = [inode, mode, 0, 0, links, 0, size, 0, 0, major, minor, name.length, 0];
  const text = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return Buffer.concat([text, name, padding(text.length + name.length)]);
}

function padding(length: number): Uint8Array {
  return Buffer.alloc((4 - (length % 4)) % 4);
}
