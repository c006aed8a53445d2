/** Changes of a tree, meant to be read in a scenario file. Paths are relative to the root of the mount. */
import type { Change, FallocateMode, NodeType, RenameFlag } from '../../vm/machine.ts';

export const create = (path: string, text = '', mode = 0o644): Change => ({ how: 'create', path, mode, text });
export const openWrite = (path: string): Change => ({ how: 'open-write', path });
export const write = (path: string, text: string, offset = 0): Change => ({ how: 'write', path, offset, text });
export const append = (path: string, text: string): Change => ({ how: 'append', path, text });
export const mmapWrite = (path: string, text: string, offset = 0): Change => ({
  how: 'mmap-write',
  path,
  offset,
  text,
});
export const truncate = (path: string, sizeBytes = 0): Change => ({ how: 'truncate', path, sizeBytes });
export const fallocate = (path: string, mode: FallocateMode, offset: number, length: number): Change => ({
  how: 'fallocate',
  path,
  mode,
  offset,
  length,
});
export const fsync = (path: string): Change => ({ how: 'fsync', path });
export const mkdir = (path: string, mode = 0o755): Change => ({ how: 'mkdir', path, mode });
export const rmdir = (path: string): Change => ({ how: 'rmdir', path });
export const unlink = (path: string): Change => ({ how: 'unlink', path });
export const makeSymlink = (path: string, target: string): Change => ({ how: 'symlink', path, target });
export const mknod = (path: string, type: NodeType, [major, minor]: readonly [number, number] = [0, 0]): Change => ({
  how: 'mknod',
  path,
  type,
  mode: 0o644,
  major,
  minor,
});
export const link = (path: string, to: string): Change => ({ how: 'link', path, to });
export const rename = (path: string, to: string, ...flags: readonly RenameFlag[]): Change => ({
  how: 'rename',
  path,
  to,
  flags: [...flags],
});
export const copyFileRange = (path: string, to: string): Change => ({ how: 'copy-file-range', path, to });
export const chmod = (path: string, mode: number): Change => ({ how: 'chmod', path, mode });
export const chown = (path: string, uid: number, gid = uid): Change => ({ how: 'chown', path, uid, gid });
/** In seconds since 1970. */
export const setMtime = (path: string, seconds: number): Change => ({
  how: 'utimensat',
  path,
  mtimeNs: `${BigInt(seconds) * 1_000_000_000n}`,
});
/** The value is text in UTF-8. */
export const setxattr = (path: string, name: string, value: string): Change => ({
  how: 'setxattr',
  path,
  name,
  value: Buffer.from(value, 'utf8').toString('hex'),
});
export const removexattr = (path: string, name: string): Change => ({ how: 'removexattr', path, name });
