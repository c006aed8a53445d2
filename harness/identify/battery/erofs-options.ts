import { mount, scenario } from '../../scenario.ts';
import { disk, erofs, fileIn, imageFile, loop } from '../../topology/builders.ts';
import type { ErofsOptions } from '../../topology/topology.ts';
import { plain } from './contents.ts';

const root = disk('xfs', { 'plain.erofs': imageFile(plain) });

/** `fsoffset=0` is where the image lies; `inode_share` alone is refused where it works, for it wants a domain. */
const OPTIONS: readonly ErofsOptions[] = [
  { user_xattr: true },
  { acl: true },
  { cache_strategy: 'readaround' },
  { dax: 'always' },
  { directio: true },
  { domain_id: 'fathom' },
  { fsoffset: 0 },
  { inode_share: true },
];

export default scenario({
  name: 'identify-erofs-options',
  shows: 'Which mount options erofs knows, and which of them it takes without effect.',
  about: ['E0', 'E14', 'E23', 'E26'],
  steps: [
    ...OPTIONS.map((options) =>
      // Each on a loop device of its own: a second mount of one device would take over the first one's superblock.
      mount(`erofs with ${Object.keys(options).join()}`, erofs(loop(fileIn(root, 'plain.erofs')), options)),
    ),
    mount(
      'erofs with a device that the image has not',
      erofs(loop(fileIn(root, 'plain.erofs')), { devices: [fileIn(root, 'plain.erofs')] }),
    ),
  ],
});
