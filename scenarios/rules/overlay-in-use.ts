import { mount, scenario, unmount } from '../../harness/scenario.ts';
import { directory, directoryIn, disk, newDirectory } from '../../harness/topology/builders.ts';
import { lowerdir, option, upperdir, workdir, writtenOverlay } from '../../harness/topology/written-overlay.ts';

const root = disk('xfs', { a: directory({ deep: directory({}) }), b: directory({}), c: directory({}) });
const a = directoryIn(root, 'a');
const b = directoryIn(root, 'b');
const at = (path: string) => newDirectory(root, path);
const upper = upperdir(at('1/upper'));
const work = workdir(at('1/work'));
const on = option('index', 'on');
const off = option('index', 'off');
const own = (name: string) => [upperdir(at(`${name}/upper`)), workdir(at(`${name}/work`))];

const first = writtenOverlay(lowerdir(a), upper, work);
const indexed = writtenOverlay(lowerdir(a), ...own('indexed'), on);
const indexedAgain = writtenOverlay(lowerdir(a), ...own('indexed'), on);
const unindexed = writtenOverlay(lowerdir(b), ...own('indexed'), off);
const volatile = writtenOverlay(lowerdir(a), ...own('volatile'), option('volatile'));
const plain = writtenOverlay(lowerdir(a), ...own('plain'));

export default scenario({
  name: 'overlay-in-use',
  shows:
    'Directories that are layers of two overlays, or twice of one; and an upper that comes back with another lower, or after a volatile mount.',
  about: ['O30', 'O31', 'O32', 'O33', 'O34', 'O35', 'O37'],
  steps: [
    mount('an overlay', first),
    mount('its upper again, index=on', writtenOverlay(lowerdir(b), upper, workdir(at('2/work')), on)),
    mount('its workdir again, index=on', writtenOverlay(lowerdir(b), upperdir(at('3/upper')), work, on)),
    mount('its upper and workdir again, index=on', writtenOverlay(lowerdir(b), upper, work, on)),
    mount('its upper again', writtenOverlay(lowerdir(b), upper, workdir(at('4/work')), off)),
    mount('its workdir again', writtenOverlay(lowerdir(b), upperdir(at('5/upper')), work, off)),
    mount('its upper as a lower', writtenOverlay(lowerdir(at('1/upper'), ':', b))),
    mount('its upper as a lower, index=on', writtenOverlay(lowerdir(at('1/upper')), ...own('6'), on)),
    mount('within its upper', writtenOverlay(lowerdir(at('1/upper/in'), ':', b))),
    mount('within its upper, index=on', writtenOverlay(lowerdir(at('1/upper/in')), ...own('7'), on)),
    mount('an upper within its upper', writtenOverlay(lowerdir(b), ...own('1/upper/8'))),
    mount('beside its upper, index=on', writtenOverlay(lowerdir(at('1/upper.other')), ...own('9'), on)),

    mount('its own upper as a lower', writtenOverlay(lowerdir(at('10/upper'), ':', b), ...own('10'))),
    mount('its own workdir as a lower', writtenOverlay(lowerdir(at('11/work')), ...own('11'))),
    mount('within its own upper', writtenOverlay(lowerdir(at('12/upper/in')), ...own('12'))),
    mount('its own upper within a lower', writtenOverlay(lowerdir(a), ...own('a/13'))),
    mount('a lower within a lower', writtenOverlay(lowerdir(directoryIn(root, 'a/deep'), ':', a))),
    mount('one lower twice', writtenOverlay(lowerdir(b, ':', b))),

    mount('an upper with index=on', indexed),
    unmount('it is unmounted', indexed),
    mount('its upper with another lower, index=on', writtenOverlay(lowerdir(b), ...own('indexed'), on)),
    mount('its upper with another lower above, index=on', writtenOverlay(lowerdir(b, ':', a), ...own('indexed'), on)),
    mount('its upper with another lower, index=off', unindexed),
    unmount('that is unmounted', unindexed),
    mount('its upper with its lower, index=on', indexedAgain),

    mount('a volatile overlay', volatile),
    unmount('the volatile one is unmounted', volatile),
    mount('its upper and workdir again, as they are', writtenOverlay(lowerdir(a), ...own('volatile'))),
    mount('volatile again', writtenOverlay(lowerdir(a), ...own('volatile'), option('volatile'))),
    mount(
      'its upper with another workdir',
      writtenOverlay(lowerdir(a), upperdir(at('volatile/upper')), workdir(at('14/work'))),
    ),
    mount('an overlay that is not volatile', plain),
    unmount('that one is unmounted', plain),
    mount('its upper and workdir again', writtenOverlay(lowerdir(a), ...own('plain'))),
  ],
});
