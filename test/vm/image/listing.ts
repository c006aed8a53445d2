/** What lies in a directory, in the shape of `expectedEntries`: the host's answer in place of the guest's. */
import { createHash } from 'node:crypto';
import { lstat, readFile, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import type { BuiltErofs } from '../../../vm/image/erofs.ts';
import type { ExpectedEntry } from '../../../vm/image/tree.ts';
import { searchPath } from '../../../vm/programs.ts';

/**
 * An image's tree: what fsck.erofs extracts, with each entry's owner as dump.erofs prints it and its mode from the
 * inode (neither program of 1.5 shows set-uid, set-gid and sticky bits).
 */
export async function extracted(built: BuiltErofs, to: string): Promise<readonly ExpectedEntry[]> {
  const devices = built.blobs.map((blob) => `--device=${blob}`);
  const env = { PATH: searchPath(), LC_ALL: 'C', TZ: 'UTC' };
  await execa('fsck.erofs', [`--extract=${to}`, '--no-preserve', ...devices, built.image], { env });
  const image = await readFile(built.image);
  // struct erofs_super_block: blkszbits and meta_blkaddr; struct erofs_inode_compact: i_mode (erofs_fs.h).
  const firstInode = image.readUInt32LE(1024 + 40) * 2 ** (image[1024 + 12] ?? 0);
  const entries: ExpectedEntry[] = [];
  for (const entry of await listing(to)) {
    const place = entry.path === '.' ? '/' : `/${entry.path}`;
    const { stdout } = await execa('dump.erofs', [`--path=${place}`, ...devices, built.image], { env });
    const [nid, uid, gid] = [/NID: (\d+)/, /Uid: (\d+)/, /Gid: (\d+)/].map((field) => Number(field.exec(stdout)?.[1]));
    const mode = image.readUInt16LE(firstInode + (nid ?? NaN) * 32 + 4) & 0o7777;
    entries.push({ ...entry, uid: uid ?? NaN, gid: gid ?? NaN, mode });
  }
  return entries;
}

/** A line an entry, so that a difference is a short one. */
export function lines(entries: readonly ExpectedEntry[]): readonly string[] {
  return entries.map(({ path: place, type, mode, uid, gid, sizeBytes, target, sha256 }) =>
    [place, type, mode.toString(8), uid, gid, sizeBytes ?? '-', target ?? '-', sha256 ?? '-'].join(' '),
  );
}

export async function listing(root: string): Promise<readonly ExpectedEntry[]> {
  const visit = async (place: string): Promise<readonly ExpectedEntry[]> => {
    const file = path.join(root, place);
    const seen = await lstat(file);
    const about = { path: place, mode: seen.mode & 0o7777, uid: seen.uid, gid: seen.gid };
    const none = { sizeBytes: undefined, target: undefined, sha256: undefined };
    if (seen.isSymbolicLink())
      return [{ ...about, ...none, type: 'symlink', sizeBytes: seen.size, target: await readlink(file) }];
    if (seen.isFile()) {
      const sha256 = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
      return [{ ...about, ...none, type: 'file', sizeBytes: seen.size, sha256 }];
    }
    const names = (await readdir(file)).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const entries: ExpectedEntry[] = [{ ...about, ...none, type: 'directory' }];
    for (const name of names) entries.push(...(await visit(place === '.' ? name : `${place}/${name}`)));
    return entries;
  };
  return visit('.');
}
