import { mount, scenario } from '../../harness/scenario.ts';
import { directory, directoryIn, disk, newDirectory } from '../../harness/topology/builders.ts';
import type { OverlayParameter } from '../../harness/topology/topology.ts';
import { lowerdir, option, upperdir, workdir, writtenOverlay } from '../../harness/topology/written-overlay.ts';

const root = disk('xfs', { a: directory({}), b: directory({}) });
const a = directoryIn(root, 'a');
const b = directoryIn(root, 'b');

/** Options as they would be typed: `metacopy=on,userxattr`. */
function options(text: string): readonly OverlayParameter[] {
  return text.split(',').map((each) => {
    const [key, value] = each.split('=');
    return option(key!, value);
  });
}

let uppers = 0;
const writable = (text: string) =>
  writtenOverlay(
    lowerdir(a, ':', b),
    upperdir(newDirectory(root, `${++uppers}/upper`)),
    workdir(newDirectory(root, `${uppers}/work`)),
    ...options(text),
  );
const readOnly = (text: string) => writtenOverlay(lowerdir(a, ':', b), ...options(text));

const WRITABLE = [
  'metacopy=on,redirect_dir=on',
  'metacopy=on,redirect_dir=off',
  'metacopy=on,redirect_dir=nofollow',
  'metacopy=on,redirect_dir=follow',
  'nfs_export=on,index=on',
  'nfs_export=on,index=off',
  'nfs_export=on,metacopy=on',
  'nfs_export=on,metacopy=off',
  'userxattr',
  'userxattr,redirect_dir=on',
  'userxattr,redirect_dir=nofollow',
  'userxattr,metacopy=on',
  'userxattr,metacopy=off',
  'verity=on',
  'verity=on,metacopy=off',
  'verity=require,metacopy=on',
  'verity=on,redirect_dir=off',
  'verity=on,redirect_dir=on',
  'userxattr,verity=on',
  'verity=off,userxattr',
  'fsync=strict',
  'uuid=null',
  'uuid=off',
  'default_permissions',
] as const;

const READ_ONLY = [
  'metacopy=on,redirect_dir=follow',
  'nfs_export=on,index=off',
  'nfs_export=on,index=off,redirect_dir=nofollow',
  'index=on',
  'volatile',
] as const;

const UNKNOWN = ['no_such_option', 'no_such_option=1', 'index=maybe', 'redirect_dir=somewhere'] as const;

export default scenario({
  name: 'overlay-options',
  shows: 'Options of an overlay that exclude each other, that are useless, and that the kernel does not know.',
  about: ['O5', 'O23', 'O24', 'O25', 'O26', 'O40'],
  steps: [
    ...WRITABLE.map((text) => mount(text, writable(text))),
    ...READ_ONLY.map((text) => mount(`${text}, no upper`, readOnly(text))),
    mount('workdir, no upper', writtenOverlay(lowerdir(a, ':', b), workdir(newDirectory(root, 'lonely')))),
    ...UNKNOWN.map((text) => mount(text, readOnly(text))),
    ...UNKNOWN.map((text) => mount(`${text}, through fsopen`, readOnly(text), { api: 'fsopen' })),
    mount('metacopy=on,redirect_dir=off, through fsopen', writable('metacopy=on,redirect_dir=off'), { api: 'fsopen' }),
  ],
});
