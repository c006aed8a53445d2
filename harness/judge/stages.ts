/** The mounts that an operation's data passes on the way down, as the stack shows them. */
import { UnsupportedError } from '../../vm/machine.ts';
import type { Stage } from '../stack/predict.ts';
import type { Mount } from '../topology/topology.ts';

/**
 * From the top down to where the task's own stack ends: at the backing filesystem, or at an erofs on a block device,
 * for what lies below a loop device runs in a worker with a stack of its own (facts/measuring.md 8).
 * Throws UnsupportedError for FUSE and eCryptfs, which cannot be mounted yet.
 */
export function stagesOf(mount: Mount): readonly Stage[] {
  switch (mount.kind) {
    case 'disk':
      return [
        mount.disk.filesystem === 'erofs'
          ? { kind: 'erofs', name: 'erofs' }
          : { kind: 'backing', name: mount.disk.filesystem },
      ];
    case 'tmpfs':
      return [{ kind: 'backing', name: mount.type ?? 'tmpfs' }];
    case 'machine':
      return [{ kind: 'backing', name: 'rootfs' }];
    case 'bind':
      return stagesOf(mount.of.on);
    case 'erofs': {
      const below = mount.devices[0] ?? mount.source;
      return [{ kind: 'erofs', name: 'erofs' }, ...(below.kind === 'loop' ? [] : stagesOf(below.on))];
    }
    case 'overlay':
      return [{ kind: 'overlay', name: 'overlay' }, ...stagesOf((mount.lowers[0] ?? mount.dataOnly[0])!.on)];
    case 'fuse':
    case 'ecryptfs':
      throw new UnsupportedError(`${mount.kind} mounts`, {
        message: `fathom's agent cannot make ${mount.kind} mounts yet`,
      });
  }
  return mount satisfies never;
}
