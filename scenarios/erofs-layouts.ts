/** What every erofs image of scenarios/erofs/ holds, and how each is read. */
import { list, mount, read, type Step } from '../harness/scenario.ts';
import {
  directory,
  disk,
  erofs,
  erofsImage,
  file,
  fileIn,
  imageFile,
  loop,
  symlink,
  text,
  type ErofsSpec,
} from '../harness/topology/builders.ts';

/** Attributes that many inodes share, and one with a long name: what is kept once for the whole image. */
const labelled = { 'security.label': 'system_u:object_r:usr_t', 'user.long.beginning.of.a.name.one': 'x' };

/**
 * Files of every size class (nothing, a tail within the inode's block, one block, several, with and without a tail),
 * data that compress well and not at all, twins, zeros, a directory of several blocks, owners beyond 16 bits, modes,
 * links, and attributes of an inode's own and shared.
 */
export const everyKind = {
  empty: text(''),
  tail: text('in the inode\n', { mode: 0o4711, xattrs: { 'user.own': 'v'.repeat(40) } }),
  block: file('block', 4096),
  'block and tail': file('block and tail', 4096 + 100),
  data: file('data', 150_001),
  twin: file('data', 150_001, { mode: 0o600, uid: 1000, gid: 100 }),
  noise: file('noise', 70_000, { zeros: 0 }),
  zeros: file('zeros', 60_000, { zeros: 1 }),
  text: text('the same line again and again\n'.repeat(2000), { uid: 70_000, gid: 80_000 }),
  shared: directory(
    Object.fromEntries(
      Array.from({ length: 6 }, (_none, index) => [`s${index}`, text(`${index}`, { xattrs: labelled })]),
    ),
    { xattrs: labelled },
  ),
  many: directory(
    Object.fromEntries(
      Array.from({ length: 150 }, (_none, index) => [
        `a-name-of-some-length-${String(index).padStart(5, '0')}`,
        text(''),
      ]),
    ),
    { mode: 0o1777 },
  ),
  deep: directory({ er: directory({ still: directory({ end: file('end', 9000) }) }) }, { mode: 0o700 }),
  link: symlink('deep/er/still/end', { uid: 7 }),
  'long link': symlink(`${'a/'.repeat(100)}end`),
};

/** `reads`: only these files are read, since there are kernels that read the image in part. */
type Options = Omit<ErofsSpec, 'kind' | 'tree'> & { readonly reads?: readonly string[] };

/**
 * For each layout, by its name: mounted from a file and listed, then mounted on a loop device and listed. All images
 * lie on one disk.
 */
export function layoutSteps(layouts: Readonly<Record<string, Options>>): readonly Step[] {
  const images = Object.entries(layouts).map(([name, { reads, ...options }], index) => ({
    name,
    reads,
    file: `${index}.erofs`,
    // No two have one UUID, and so no two the same bytes.
    image: erofsImage({ ...everyKind, name: text(name) }, options),
  }));
  const store = disk('ext4', Object.fromEntries(images.map(({ file: path, image }) => [path, imageFile(image)])));
  return images.flatMap(({ name, reads, file: path }) => {
    const source = fileIn(store, path);
    const ways = [
      ['from a file', erofs(source)],
      ['on loop', erofs(loop(source))],
    ] as const;
    return ways.flatMap(([how, mounted]) => [
      mount(`${name}, ${how}`, mounted),
      ...(reads === undefined
        ? [list(`${name}, ${how}: its tree`, mounted)]
        : reads.map((each) => read(`${name}, ${how}: ${each}`, fileIn(mounted, each)))),
    ]);
  });
}
