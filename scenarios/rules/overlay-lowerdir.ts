import { mount, scenario } from '../../harness/scenario.ts';
import { directory, directoryIn, disk, machine, newDirectory } from '../../harness/topology/builders.ts';
import type { DirectoryIn } from '../../harness/topology/topology.ts';
import {
  datadirPlus,
  lowerdir,
  lowerdirPlus,
  option,
  upperdir,
  workdir,
  writtenOverlay,
} from '../../harness/topology/written-overlay.ts';

/** OVL_MAX_STACK. */
const LIMIT = 500;
const numbered = Array.from({ length: LIMIT + 1 }, (_, index) => `d${index}`);
const root = disk('xfs', {
  a: directory({}),
  b: directory({}),
  c: directory({}),
  many: directory(Object.fromEntries(numbered.map((name) => [name, directory({})]))),
});
const a = directoryIn(root, 'a');
const b = directoryIn(root, 'b');
const c = directoryIn(root, 'c');
const many = numbered.map((name) => directoryIn(root, `many/${name}`));
const upper = (name: string) => [
  upperdir(newDirectory(root, `${name}/upper`)),
  workdir(newDirectory(root, `${name}/work`)),
];
const metacopy = option('metacopy', 'on');
/** `/:/:/:…`: short enough for mount(2). */
const shortest = (count: number) =>
  lowerdir(
    ...Array.from({ length: count }, () => directoryIn(machine, '')).flatMap((each, index): (DirectoryIn | ':')[] =>
      index === 0 ? [each] : [':', each],
    ),
  );

const byContext = { api: 'fsopen' } as const;

export default scenario({
  name: 'overlay-lowerdir',
  shows:
    'How lowerdir= is taken apart, and lowerdir+ and datadir+ beside it: colons, data-only lowers, their order, and how many there may be.',
  about: ['O2', 'O3', 'O6', 'O16', 'O17', 'O18', 'O19', 'O20', 'O21', 'O22', 'O33', 'O40', 'O42'],
  steps: [
    mount('one colon', writtenOverlay(lowerdir(a, ':', b))),
    mount('two colons: a data-only lower', writtenOverlay(lowerdir(a, '::', b), metacopy)),
    mount('the same without metacopy', writtenOverlay(lowerdir(a, '::', b), option('metacopy', 'off'))),
    mount('three colons', writtenOverlay(lowerdir(a, ':::', b), metacopy)),
    mount('a colon first', writtenOverlay(lowerdir(':', a))),
    mount('a colon first, through fsopen', writtenOverlay(lowerdir(':', a)), byContext),
    mount('two colons first: all are data-only', writtenOverlay(lowerdir('::', a, '::', b), metacopy)),
    mount('a colon last', writtenOverlay(lowerdir(a, ':', b, ':'))),
    mount('two colons last', writtenOverlay(lowerdir(a, ':', b, '::'), metacopy)),
    mount('a lower after a data-only one', writtenOverlay(lowerdir(a, '::', b, ':', c), metacopy)),
    mount('two data-only lowers', writtenOverlay(lowerdir(a, '::', b, '::', c), metacopy)),
    mount('a backslash last', writtenOverlay(lowerdir(a, ':', b, '\\')), byContext),
    mount('lowerdir with nothing in it', writtenOverlay(lowerdir(), ...upper('none'))),
    mount('lowerdir with nothing in it, through fsopen', writtenOverlay(lowerdir(), ...upper('none2')), byContext),
    mount('lowerdir twice: the last one holds', writtenOverlay(lowerdir(a, ':', a), lowerdir(b, ':', c))),

    mount('lowerdir+ twice', writtenOverlay(lowerdirPlus(a), lowerdirPlus(b)), byContext),
    mount('lowerdir+ and datadir+', writtenOverlay(lowerdirPlus(a), datadirPlus(b), metacopy), byContext),
    mount(
      'lowerdir+ after datadir+',
      writtenOverlay(lowerdirPlus(a), datadirPlus(b), lowerdirPlus(c), metacopy),
      byContext,
    ),
    mount('lowerdir+ after lowerdir', writtenOverlay(lowerdir(a, ':', b), lowerdirPlus(c)), byContext),
    mount('datadir+ after lowerdir', writtenOverlay(lowerdir(a, ':', b), datadirPlus(c), metacopy), byContext),
    mount('lowerdir after lowerdir+', writtenOverlay(lowerdirPlus(a), lowerdir(b, ':', c)), byContext),
    mount('datadir+ alone', writtenOverlay(datadirPlus(a), datadirPlus(b), metacopy), byContext),
    mount('datadir+ alone, and an upper', writtenOverlay(datadirPlus(a), ...upper('data'), metacopy), byContext),
    mount('lowerdir+ by mount(2)', writtenOverlay(lowerdirPlus(a), lowerdirPlus(b))),

    mount('501 lowers', writtenOverlay(shortest(LIMIT + 1))),
    mount('500 lowers, the same one', writtenOverlay(shortest(LIMIT))),
    mount(
      '500 lowers, one by one',
      writtenOverlay(...many.slice(0, LIMIT).map((each) => lowerdirPlus(each))),
      byContext,
    ),
    mount('501 lowers, one by one', writtenOverlay(...many.map((each) => lowerdirPlus(each))), byContext),
  ],
});
