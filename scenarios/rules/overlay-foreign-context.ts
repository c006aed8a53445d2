import { mount, scenario } from '../../harness/scenario.ts';
import { directory, directoryIn, disk } from '../../harness/topology/builders.ts';
import { lowerdir, writtenOverlay } from '../../harness/topology/written-overlay.ts';

const root = disk('xfs', { a: directory({}), b: directory({}) });
const lowers = lowerdir(directoryIn(root, 'a'), ':', directoryIn(root, 'b'));

export default scenario({
  name: 'overlay-foreign-context',
  shows: 'A context that a process in a user namespace has opened, and of which another one makes the superblock.',
  about: ['O44'],
  steps: [
    mount('a context of its own', writtenOverlay(lowers), { api: 'fsopen' }),
    mount('a context from a user namespace', writtenOverlay(lowers), { api: 'fsopen', by: 'foreign-context' }),
  ],
});
