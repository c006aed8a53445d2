import { scenario } from '../../harness/scenario.ts';
import { damageSteps } from '../erofs-damage.ts';

export default scenario({
  name: 'erofs-damaged-inodes',
  shows: 'Inodes and directories that cannot be: of the root the mount fails, of others what leads through them.',
  about: ['I5', 'I6', 'I7'],
  steps: damageSteps({
    'unknown format': {
      damage: [{ kind: 'inode', of: 'hurt', field: 'i_format', value: 0x8000 }],
      reads: ['hurt', 'whole'],
      lists: true,
    },
    'unknown layout': {
      damage: [{ kind: 'inode', of: 'sub/hurt', field: 'i_format', value: 0x000e }],
      reads: ['sub/hurt', 'sub/whole'],
      lists: true,
    },
    'no type': {
      damage: [{ kind: 'inode', of: 'hurt', field: 'i_mode', value: 0o644 }],
      reads: ['hurt', 'whole'],
      lists: true,
    },
    'a directory of no type': {
      damage: [{ kind: 'inode', of: 'sub', field: 'i_mode', value: 0o755 }],
      reads: ['sub/whole', 'whole'],
      lists: true,
    },
    'root of unknown layout': { damage: [{ kind: 'inode', of: '.', field: 'i_format', value: 0x000e }], reads: [] },
    'root of no type': { damage: [{ kind: 'inode', of: '.', field: 'i_mode', value: 0o755 }], reads: [] },
    'directory without entries': {
      damage: [{ kind: 'directory', of: 'sub', nameoff: 0 }],
      reads: ['sub/whole', 'whole'],
      lists: true,
    },
    'root without entries': { damage: [{ kind: 'directory', of: '.', nameoff: 0 }], reads: ['whole'], lists: true },
  }),
});
