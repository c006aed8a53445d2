import { look, mount, scenario } from '../../harness/scenario.ts';
import {
  directory,
  directoryIn,
  disk,
  erofs,
  fileIn,
  imageFile,
  loop,
  newDirectory,
  overlay,
  text,
} from '../../harness/topology/builders.ts';
import { lowerdir, option, upperdir, workdir, writtenOverlay } from '../../harness/topology/written-overlay.ts';
import { osImage } from '../contents.ts';

const root = disk('xfs', { a: directory({}), b: directory({}), file: text('file\n'), 'os.erofs': imageFile(osImage) });
const a = directoryIn(root, 'a');
const nothing = directoryIn(root, 'nowhere');
const file = directoryIn(root, 'file');
const at = (path: string) => newDirectory(root, path);
const os = erofs(loop(fileIn(root, 'os.erofs')));
const first = overlay({ lower: os, upper: root });
const second = overlay({ lower: first, upper: root });
const noLower = lowerdir(nothing);
const conflict = [option('metacopy', 'on'), option('redirect_dir', 'off')];
const unknown = option('no_such_option');

/** Each breaks two rules at once. */
const TWO = [
  ['O11 of a lower, O40 after it', writtenOverlay(noLower, unknown)],
  ['O40, O11 of a lower after it', writtenOverlay(unknown, noLower)],
  ['O11 of a lower, O24', writtenOverlay(noLower, ...conflict)],
  ['O11 of a lower, O4', writtenOverlay(noLower, upperdir(at('1/upper')))],
  ['O11 of a lower, O8', writtenOverlay(noLower, upperdir(at('2')), workdir(at('2')))],
  ['O11 of a lower, O12 of the upper', writtenOverlay(noLower, upperdir(file), workdir(at('3/work')))],
  ['O12 of the upper, O11 of a lower', writtenOverlay(upperdir(file), workdir(at('4/work')), noLower)],
  ['O11 of a lower, O10 of the upper', writtenOverlay(noLower, upperdir(os), workdir(at('5/work')))],
  ['O9 of the upper, O24', writtenOverlay(lowerdir(a), upperdir(first), workdir(at('6/work')), ...conflict)],
  ['O12 of the workdir, O3', writtenOverlay(upperdir(at('7/upper')), workdir(file))],
  ['O24, O3', writtenOverlay(upperdir(at('8/upper')), workdir(at('8/work')), ...conflict)],
  ['O3, O4', writtenOverlay(upperdir(at('9/upper')))],
  ['O1, O11', writtenOverlay(noLower)],
  ['O1, D3', writtenOverlay(lowerdir(second))],
  ['O17, O24', writtenOverlay(lowerdir(':', a), ...conflict)],
  ['O18, O12 of a lower', writtenOverlay(lowerdir(file, ':', a, ':'))],
  ['O20, O12 of a lower behind', writtenOverlay(lowerdir(a, '::', a, ':', file))],
  ['O8, D3', writtenOverlay(lowerdir(second), upperdir(at('10')), workdir(at('10/work')))],
  ['D3, O33', writtenOverlay(lowerdir(second, ':', second))],
  ['O33, O34', writtenOverlay(lowerdir(a, ':', a, ':', root))],
] as const;

export default scenario({
  name: 'overlay-order',
  shows:
    'Mounts that break two rules at once: which one speaks follows from the order of the checks, which is another one since overlayfs has a mount context.',
  about: ['O45', 'O46', 'D4'],
  steps: [
    mount('erofs on a loop device', os),
    mount('overlay on it', first),
    mount('overlay on that', second),
    ...TWO.map(([name, each]) => mount(name, each)),
    ...TWO.map(([name, each]) => mount(`${name}, through fsopen`, { ...each }, { api: 'fsopen' })),
    mount(
      'O11 of a lower, all else being well',
      writtenOverlay(noLower, upperdir(at('11/upper')), workdir(at('11/work'))),
    ),
    look('is work made by then?', at('11/work'), 'work'),
  ],
});
