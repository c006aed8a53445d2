/** Which rules a listing and a change show: `fathom rules` goes by it. */
import t from 'tap';
import { Trees } from '../../../../harness/model/tree/trees.ts';
import {
  directory,
  disk,
  erofsDisk,
  erofsImage,
  overlay,
  text,
  tmpfs,
  whiteout,
  type ErofsSpec,
} from '../../../../harness/topology/builders.ts';
import type { Change } from '../../../../vm/machine.ts';
import type { Mount } from '../../../../harness/topology/topology.ts';
import { NEW } from './trees.ts';

const OPAQUE = { 'trusted.overlay.opaque': 'y' };

type Entries = ErofsSpec['tree']['entries'];

const layer = (entries: Entries): Mount => erofsDisk(erofsImage(entries));

function ofListing(on: Mount, trees = new Trees(NEW)) {
  const listed = trees.list(on, '');
  return listed?.kind === 'listed' ? listed.exercised : undefined;
}

function ofChange(trees: Trees, on: Mount, change: Change) {
  const applied = trees.apply(on, change);
  return applied?.kind === 'done' ? applied.exercised : undefined;
}

t.test('given layers with a whiteout, a merged and an opaque directory, then a listing shows these rules', (t) => {
  const over = overlay({
    lower: [
      layer({ gone: whiteout(), merged: directory({}), own: directory({}, { xattrs: OPAQUE }) }),
      layer({ gone: text('x'), merged: directory({}), own: directory({ x: text('x') }) }),
    ],
  });
  const { triggered = [], spared = [] } = ofListing(over) ?? {};
  t.strictSame([...triggered].sort(), ['T1', 'T17', 'T2', 'T3']);
  t.strictSame(spared, ['T4', 'T5', 'T6']);
  t.end();
});

t.test('given layers that share no name, then a listing shows that none of these rules speaks', (t) => {
  const over = overlay({ lower: [layer({ a: text('a') }), layer({ b: text('b') })] });
  t.strictSame(ofListing(over), { triggered: ['T17'], spared: ['T1', 'T2', 'T3', 'T4', 'T5', 'T6'] });
  t.end();
});

t.test('given a plain filesystem, then its listing shows nothing of overlays', (t) => {
  t.strictSame(ofListing(layer({ a: text('a') })), { triggered: [], spared: ['T17'] });
  t.end();
});

t.test(
  'given a file of the lower and one of the upper, then only the first is copied up, and leaves a whiteout',
  (t) => {
    const over = overlay({ lower: layer({ a: text('a') }), upper: tmpfs() });
    const trees = new Trees(NEW);
    t.match(ofChange(trees, over, { how: 'append', path: 'a', text: 'x' }), { triggered: ['T7'] });
    t.ok(ofChange(trees, over, { how: 'append', path: 'a', text: 'x' })?.spared.includes('T7'));
    t.ok(ofChange(trees, over, { how: 'create', path: 'new', mode: 0o600, text: '' })?.triggered.includes('T9'));
    t.ok(ofChange(trees, over, { how: 'unlink', path: 'new' })?.spared.includes('T10'));
    t.ok(ofChange(trees, over, { how: 'unlink', path: 'a' })?.triggered.includes('T10'));
    t.end();
  },
);

t.test('given a change of a plain filesystem, then it shows nothing of overlays', (t) => {
  const trees = new Trees(NEW);
  const root = disk('ext4', { a: text('a') });
  t.strictSame(ofChange(trees, root, { how: 'append', path: 'a', text: 'x' }), {
    triggered: [],
    spared: ['T20', 'T22', 'T23'],
  });
  t.end();
});
