import { mount, scenario, sound, type Step } from '../../harness/scenario.ts';
import {
  blobFile,
  disk,
  erofs,
  erofsImage,
  file,
  fileIn,
  imageFile,
  overlay,
  type ErofsSpec,
} from '../../harness/topology/builders.ts';
import type { Mount } from '../../harness/topology/topology.ts';

/** One more than a stack of 16 KB has held on any kernel tried. */
const LEVELS = 10;

/** Metadata of each level's image, and its only blob; the blob of the next level is a file in it. */
const images: readonly ErofsSpec[] = nested(LEVELS);

function nested(levels: number): readonly ErofsSpec[] {
  const inner = levels === 1 ? [] : nested(levels - 1);
  const [next] = inner;
  const image = erofsImage(
    { 'data.bin': file(`level ${levels}`, 64 * 1024), ...(next === undefined ? {} : { 'next.blob': blobFile(next) }) },
    { chunkBytes: 4096, blobs: 1 },
  );
  return [image, ...inner];
}

const root = disk('xfs', {
  'next.blob': blobFile(images[0]!),
  ...Object.fromEntries(images.map((image, n) => [`${n + 1}.erofs`, imageFile(image)])),
});

function steps(): readonly Step[] {
  let below: Mount = root;
  return images.flatMap((_, n) => {
    const level = n + 1;
    const image = erofs(fileIn(root, `${level}.erofs`), { devices: [fileIn(below, 'next.blob')] });
    const first = overlay({ lower: image, upper: root });
    const second = overlay({ lower: first, upper: root });
    below = second;
    return [
      mount(`level ${level}: erofs, its blob below`, image),
      mount(`level ${level}: overlay on it`, first),
      mount(`level ${level}: overlay on that`, second),
      sound(`level ${level}: read through it`, fileIn(second, 'data.bin')),
    ];
  });
}

export default scenario({
  name: 'erofs-device-nesting',
  shows:
    'The bound on stacked filesystems (s_stack_depth, at most 2) is no bound where an erofs has a blob device: its superblock takes no ' +
    'depth from the filesystem that holds the blob (rule E12), so erofs on two overlays may be the blob of another erofs, level upon ' +
    'level, until a read meets the guard page of the kernel stack.',
  about: ['E12', 'D3'],
  destructive: 'a read at one of the last levels overruns the kernel stack',
  steps: steps(),
});
