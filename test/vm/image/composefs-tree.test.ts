/** What composefs images name and show, without building any. */
import t from 'tap';
import { composefsLayer, composefsObjects, objectPath } from '../../../vm/image/composefs-tree.ts';
import { dumpOf } from '../../../vm/image/composefs.ts';
import { fsverityDigest } from '../../../vm/image/fsverity.ts';
import type { ComposefsSpec, FileContent, TreeNode } from '../../../vm/image/spec.ts';
import { directory, file, symlink, text, walk, whiteout } from '../../../vm/image/tree.ts';
import { checkComposefs } from '../../../vm/image/validate-composefs.ts';

/** Recorded: the objects that `mkcomposefs --digest-store=DIR` made of files of that many zeros (composefs 1.0.8). */
const DIGESTS = {
  65: '2d98e93d22d214e78052ae99e8a15efdb456e1a14295d3cb161b559eb35311a7',
  100_000: 'ecabbfca4efd69a721be824965da10d27900b109549f96687b35a4d91d810dac',
} as const;
const zeros = (sizeBytes: number): FileContent => ({ kind: 'seeded', seed: '', sizeBytes, zeros: 1 });

const big = 'x'.repeat(65);
const spec: ComposefsSpec = {
  kind: 'composefs',
  tree: directory({
    usr: directory({ big: text(big, { mode: 0o4755, uid: 3 }), twice: text(big), limit: text('y'.repeat(64)) }),
    empty: text(''),
    link: symlink('usr/big'),
  }),
};

function contentOf(node: TreeNode | undefined): FileContent | undefined {
  return node?.kind === 'file' ? node.content : undefined;
}

t.test('given files, then their fs-verity digests are those that composefs computes', (t) => {
  for (const [size, digest] of Object.entries(DIGESTS)) t.equal(fsverityDigest(zeros(Number(size))), digest);
  t.not(fsverityDigest(zeros(66)), DIGESTS[65], 'the size counts');
  t.end();
});

t.test('given a tree, then each content above 64 bytes is one object, named by its digest', (t) => {
  const content: FileContent = { kind: 'text', text: big };
  const name = objectPath(spec, content);
  t.match(name, /^[0-9a-f]{2}\/[0-9a-f]{62}$/);
  const objects = composefsObjects(spec);
  t.same(
    walk(objects).flatMap(({ path, node }) => (node.kind === 'file' ? [path] : [])),
    [name],
  );
  t.same(contentOf(walk(objects).at(-1)?.node), content);
  const ostree: ComposefsSpec = { ...spec, naming: 'ostree' };
  t.same(walk(composefsObjects(spec, ostree)).at(-1)?.path, `${name}.file`, 'ostree has an ending of its own');
  t.end();
});

t.test('given an image mounted by itself, then objects are holes that lead to themselves, and the root hides', (t) => {
  const { entries, xattrs } = composefsLayer(spec);
  const usr = entries['usr'];
  const shown = usr?.kind === 'directory' ? usr.entries : {};
  t.same(contentOf(shown['big']), zeros(65));
  t.match(shown['big'], { mode: 0o4755, uid: 3 });
  const name = objectPath(spec, { kind: 'text', text: big });
  t.same(shown['big']?.xattrs, {
    'trusted.overlay.metacopy': { hex: `00240001${name.replace('/', '')}` },
    'trusted.overlay.redirect': `/${name}`,
  });
  t.same(shown['limit'], text('y'.repeat(64)), 'small enough to lie in the image');
  t.same(entries['empty'], text(''));
  t.same(xattrs, { 'trusted.overlay.opaque': 'y' });
  t.equal(Object.values(entries).filter(({ kind }) => kind === 'whiteout').length, 256);
  t.same(entries['7f'], whiteout({ mode: 0o644, uid: 0, gid: 0 }));
  const bare = composefsLayer({ ...spec, digests: false }).entries['usr'];
  t.match(bare, { entries: { big: { xattrs: { 'trusted.overlay.metacopy': '' } } } });
  t.end();
});

t.test('given names and values that a dump cannot hold as they are, then they are escaped', (t) => {
  const awkward: ComposefsSpec = {
    kind: 'composefs',
    tree: directory({ 'a b=\\': text('-', { xattrs: { 'user.a': 'b = c' } }) }),
  };
  t.same(dumpOf(awkward).split('\n'), [
    '/ 0 40755 2 0 0 0 1577836800.0 - - -',
    '/a\\x20b=\\x5c 1 100644 1 0 0 0 1577836800.0 - \\x2d - user.a=b\\x20\\x3d\\x20c',
    '',
  ]);
  t.end();
});

t.test('given what composefs has no place for, then it is refused by its path', (t) => {
  const refused = (tree: ComposefsSpec['tree'], message: RegExp) =>
    t.throws(() => checkComposefs({ kind: 'composefs', tree }), { name: 'UsageError', message });
  refused(directory({ usr: directory({ gone: whiteout() }) }), /\/usr\/gone: a whiteout/);
  refused(
    directory({ x: text('x', { xattrs: { 'trusted.overlay.opaque': 'y' } }) }),
    /\/x: the attribute trusted\.overlay/,
  );
  refused(directory({ ab: directory({}) }), /\/ab: the root keeps the names 00 to ff/);
  t.doesNotThrow(() =>
    checkComposefs({ kind: 'composefs', tree: directory({ abc: directory({ ab: file('x', 9) }) }) }),
  );
  t.end();
});
