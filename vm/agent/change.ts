/**
 * What may be done to a mounted tree: one system call of interest each. The agent does it with absolute paths
 * (protocol.ts: operation `change`, change.c), scenarios and the model speak of it with paths relative to a mount's root.
 */
import * as z from 'zod';

/** Most UTF-16 units of a text that is written. */
export const MAX_CHANGE_TEXT = 65536;
/** XATTR_SIZE_MAX, in bytes (include/uapi/linux/limits.h). */
export const MAX_XATTR_BYTES = 65536;

const text = z.string().max(MAX_CHANGE_TEXT);
const mode = z.number().int().min(0).max(0o7777);
/** Bytes; what a JSON number holds exactly. */
const bytes = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const id = z.number().int().min(0).max(0xffff_ffff);
const noNul = z.string().refine((value) => !value.includes('\0'), 'no NUL in it');
const xattrName = noNul.max(255);
/** Nanoseconds since 1970, in decimal: more than a JSON number holds exactly. */
const nanoseconds = z.string().refine(isInt64, 'no decimal number of 64 bits');

/** By fallocate(2): nothing, FALLOC_FL_KEEP_SIZE, PUNCH_HOLE with KEEP_SIZE, ZERO_RANGE. */
export const fallocateMode = z.enum(['allocate', 'keep-size', 'punch-hole', 'zero-range']);
/** By renameat2(2), without `RENAME_`. */
export const renameFlag = z.enum(['noreplace', 'exchange', 'whiteout']);
export const nodeType = z.enum(['character', 'block', 'fifo', 'socket']);

function isInt64(digits: string): boolean {
  return /^(0|-?[1-9][0-9]{0,18})$/.test(digits) && BigInt.asIntN(64, BigInt(digits)) === BigInt(digits);
}

/** The changes, their paths being what `path` takes. */
export function changeOf(path: z.ZodType<string>) {
  return z.discriminatedUnion('how', [
    /** open(O_WRONLY | O_CREAT | O_EXCL), then `text` is written. */
    z.strictObject({ how: z.literal('create'), path, mode, text }),
    /** open(O_WRONLY), and nothing is written. */
    z.strictObject({ how: z.literal('open-write'), path }),
    z.strictObject({ how: z.literal('write'), path, offset: bytes, text }),
    z.strictObject({ how: z.literal('append'), path, text }),
    /** Through a shared mapping, which has to hold the text already. */
    z.strictObject({ how: z.literal('mmap-write'), path, offset: bytes, text }),
    z.strictObject({ how: z.literal('truncate'), path, sizeBytes: bytes }),
    z.strictObject({
      how: z.literal('fallocate'),
      path,
      mode: fallocateMode,
      offset: bytes,
      length: bytes,
    }),
    /** Of a descriptor that is open for reading only: a file or directory. */
    z.strictObject({ how: z.literal('fsync'), path }),
    z.strictObject({ how: z.literal('mkdir'), path, mode }),
    z.strictObject({ how: z.literal('rmdir'), path }),
    z.strictObject({ how: z.literal('unlink'), path }),
    z.strictObject({ how: z.literal('symlink'), path, target: noNul.max(4095) }),
    z.strictObject({
      how: z.literal('mknod'),
      path,
      type: nodeType,
      mode,
      major: id.max(0xfff),
      minor: id.max(0xf_ffff),
    }),
    /** link(path, to): `to` is the new name. A symbolic link is linked itself. */
    z.strictObject({ how: z.literal('link'), path, to: path }),
    /** renameat2(path, to, flags). */
    z.strictObject({ how: z.literal('rename'), path, to: path, flags: z.array(renameFlag) }),
    /** copy_file_range(2) of a whole file to `to`, which is made: open(O_WRONLY | O_CREAT | O_EXCL, 0644). */
    z.strictObject({ how: z.literal('copy-file-range'), path, to: path }),
    z.strictObject({ how: z.literal('chmod'), path, mode }),
    /** lchown(2). */
    z.strictObject({ how: z.literal('chown'), path, uid: id, gid: id }),
    /** utimensat(2) with AT_SYMLINK_NOFOLLOW; the access time stays. */
    z.strictObject({ how: z.literal('utimensat'), path, mtimeNs: nanoseconds }),
    /** lsetxattr(2) without flags; the value in hexadecimal. */
    z.strictObject({
      how: z.literal('setxattr'),
      path,
      name: xattrName,
      value: z
        .string()
        .max(2 * MAX_XATTR_BYTES)
        .regex(/^([0-9a-f]{2})*$/),
    }),
    /** lremovexattr(2). */
    z.strictObject({ how: z.literal('removexattr'), path, name: xattrName }),
  ]);
}

export type Change = z.infer<ReturnType<typeof changeOf>>;
export type FallocateMode = z.infer<typeof fallocateMode>;
export type RenameFlag = z.infer<typeof renameFlag>;
export type NodeType = z.infer<typeof nodeType>;
