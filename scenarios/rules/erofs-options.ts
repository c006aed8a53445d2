import { mount, read, scenario, type MountStep } from '../../harness/scenario.ts';
import { disk, erofs, erofsImage, fileIn, imageFile, loop, text } from '../../harness/topology/builders.ts';
import type { ErofsOptions } from '../../harness/topology/topology.ts';
import { osImage } from '../contents.ts';

const unsummed = erofsImage({ plain: text('plain\n') }, { features: ['nosbcrc'] });
const root = disk('ext4', {
  'os.erofs': imageFile(osImage),
  'behind-a-page.erofs': imageFile(osImage, { offsetBytes: 4096 }),
  'unsummed.erofs': imageFile(unsummed, { offsetBytes: 512 }),
});
const file = fileIn(root, 'os.erofs');
const device = loop(file);
const behind = erofs(fileIn(root, 'behind-a-page.erofs'), { fsoffset: 4096 });
const direct = erofs(file, { directio: true });

/** On a loop device of its own, so that kernels without file-backed erofs show it too; by both APIs. */
function byBoth(name: string, options: ErofsOptions, image = 'os.erofs'): readonly MountStep[] {
  const source = fileIn(root, image);
  return [
    mount(name, erofs(loop(source), options)),
    mount(`${name}, through fsopen`, erofs(loop(source), options), { api: 'fsopen' }),
  ];
}

export default scenario({
  name: 'erofs-options',
  shows:
    'Options of erofs: unknown ones, those without effect in this build, those that exclude each other, an offset at which there is no image; and that a device that is mounted twice is mounted once.',
  about: ['E0', 'E16', 'E18', 'E23', 'E24', 'E25', 'E26', 'E28', 'CH2', 'CH4'],
  steps: [
    mount('erofs on a loop device', erofs(device)),
    mount('the same device again', erofs(device)),
    ...byBoth('an option that nobody knows', { unheard_of: true }),
    ...byBoth('user_xattr and no acl', { user_xattr: true, acl: false }),
    ...byBoth('cache_strategy', { cache_strategy: 'disabled' }),
    ...byBoth('dax=always', { dax: 'always' }),
    ...byBoth('dax=never', { dax: 'never' }),
    ...byBoth('domain_id', { domain_id: 'a' }),
    ...byBoth('inode_share', { inode_share: true }),
    ...byBoth('inode_share and domain_id', { inode_share: true, domain_id: 'a' }),
    ...byBoth('inode_share, domain_id and dax=always', { inode_share: true, domain_id: 'a', dax: 'always' }),
    ...byBoth('inode_share, domain_id and dax=never', { inode_share: true, domain_id: 'a', dax: 'never' }),
    ...byBoth('inode_share and dax=always', { inode_share: true, dax: 'always' }),
    ...byBoth('fsoffset=0', { fsoffset: 0 }),
    ...byBoth('fsoffset where there is no image', { fsoffset: 4096 }),
    ...byBoth('fsoffset that is not aligned, in the first page of the image', { fsoffset: 512 }),
    // Without a checksum, which since 7.2 is taken of what lies behind the page in memory.
    ...byBoth('fsoffset that is not aligned, and the image there', { fsoffset: 512 }, 'unsummed.erofs'),
    ...byBoth('fsoffset of a page, and the image there', { fsoffset: 4096 }, 'behind-a-page.erofs'),
    mount('from a file, fsoffset of a page', behind),
    mount('from a file, fsoffset that is not aligned', erofs(file, { fsoffset: 512 })),
    read('contents behind the page', fileIn(behind, 'data.bin')),
    mount('directio', direct),
    read('contents by direct I/O', fileIn(direct, 'data.bin')),
  ],
});
