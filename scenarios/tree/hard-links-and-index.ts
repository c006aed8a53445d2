import { changes, list, mount, scenario, upper } from '../../harness/scenario.ts';
import { directory, disk, overlay, text } from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';

const lower = disk('ext4', { one: text('one'), dir: directory({}), alone: text('alone') });
const above = disk('ext4', {});
const plain = overlay({ lower, upper: above, index: 'off' });
const indexed = overlay({ lower, upper: above, index: 'on' });
const all = [
  to.append('one', '1'),
  to.append('dir/two', '2'),
  to.unlink('one'),
  to.link('alone', 'dir/new'),
  to.link('three', 'four'),
  to.unlink('three'),
  to.chmod('four', 0o600),
];

export default scenario({
  name: 'hard-links-and-index',
  shows: 'Names of one lower file come apart when one is copied up, unless the overlay keeps an index.',
  about: ['T14', 'T15'],
  steps: [
    ...changes('below', lower, to.link('one', 'dir/two'), to.link('one', 'three')),
    mount('without an index', plain),
    list('as it is', plain),
    ...changes('plain', plain, ...all),
    list('they come apart', plain),
    upper('the upper', plain),
    mount('with an index', indexed),
    ...changes('indexed', indexed, ...all),
    list('they stay one', indexed),
    upper('the other upper', indexed),
    list('the lower', lower),
  ],
});
