/** What a listing that is not as it was to be is blamed for, and that one that is, is not. */
import t from 'tap';
import { listingFault, noIdentities, type Identities } from '../../../harness/judge/listing.ts';
import type { LostEntry, ShownEntry } from '../../../harness/model/tree/trees.ts';
import { digest } from '../../../harness/run/digest.ts';
import type { TreeEntry } from '../../../vm/machine.ts';

const root: ShownEntry = {
  kind: 'shown',
  path: '.',
  type: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  sizeBytes: undefined,
  nlink: 2,
  mtimeNs: '5',
  target: undefined,
  rdev: undefined,
  contents: undefined,
  unreadable: undefined,
  xattrs: new Map([['trusted.a', { presence: 'required', hex: '00ff' }]]),
  device: 'disk',
  inode: 'disk:/',
};
const file: ShownEntry = {
  ...root,
  path: 'file',
  type: 'file',
  mode: 0o4640,
  nlink: 1,
  sizeBytes: 5,
  contents: { base: { kind: 'text', text: 'hello' }, edits: [] },
  xattrs: new Map(),
  inode: 'disk:/file',
};
const link: ShownEntry = {
  ...root,
  path: 'link',
  type: 'symlink',
  target: 'file',
  xattrs: new Map(),
  inode: 'disk:/link',
};

/** As the agent lists them. */
function seen(entry: ShownEntry, inode: string): TreeEntry {
  const { path, type, mode, uid, gid, nlink, mtimeNs, target, rdev, contents, xattrs, sizeBytes } = entry;
  return {
    path,
    type,
    mode,
    uid,
    gid,
    sizeBytes: sizeBytes ?? 4096,
    nlink: nlink ?? 7,
    mtimeNs: mtimeNs ?? '9',
    device: '8:1',
    inode,
    xattrs: Object.fromEntries([...xattrs].map(([name, { hex }]) => [name, hex ?? 'abcd'])),
    ...(target === undefined ? {} : { target }),
    ...(rdev === undefined ? {} : { rdev }),
    ...(contents === undefined ? {} : { sha256: digest(contents) }),
  };
}

const expected = { entries: [root, file, link] };
const observed = [seen(root, '1'), seen(file, '2'), seen(link, '3')];
const faultOf = (entries: readonly TreeEntry[], identities: Identities = noIdentities()) =>
  listingFault(expected, entries, digest, identities);
/** The listing with one entry changed. */
const but = (path: string, changes: Partial<TreeEntry>): readonly TreeEntry[] =>
  observed.map((entry) => (entry.path === path ? { ...entry, ...changes } : entry));

t.test('given a listing that is as the model says, when it is judged, then there is no fault', async (t) => {
  t.equal(faultOf(observed), undefined);
  t.equal(faultOf(but('.', { sizeBytes: 6 })), undefined, 'a directory has the size that the filesystem gives it');
});

t.test('given one field that is another, when it is judged, then path, field and both values are named', async (t) => {
  const wrong = '0'.repeat(64);
  const cases: readonly (readonly [string, Partial<TreeEntry>, string])[] = [
    ['file', { mode: 0o640 }, 'file: mode is 0640, not 04640'],
    ['file', { uid: 1 }, 'file: uid is 1, not 0'],
    ['file', { gid: 1 }, 'file: gid is 1, not 0'],
    ['file', { sizeBytes: 4 }, 'file: size is 4 bytes, not 5 bytes'],
    ['file', { sha256: wrong }, `file: sha256 is ${wrong}, not ${digest(file.contents!)}`],
    ['file', { nlink: 2 }, 'file: nlink is 2, not 1'],
    ['file', { mtimeNs: '6' }, 'file: mtime is 6 ns, not 5 ns'],
    ['link', { target: 'elsewhere' }, 'link: target is "elsewhere", not "file"'],
    ['link', { type: 'file' }, 'link: a file, not a symlink'],
    ['.', { xattrs: {} }, '.: the attribute trusted.a is not there'],
    ['.', { xattrs: { 'trusted.a': '00fe' } }, '.: the attribute trusted.a is 0x00fe, not 0x00ff'],
    ['.', { xattrs: { 'trusted.a': '00ff', 'user.b': '' } }, '.: the attribute user.b (empty) was not to be there'],
    ['file', { errno: 'EIO' }, 'file: reading it gave EIO, not what it holds'],
  ];
  for (const [path, changes, fault] of cases) t.equal(faultOf(but(path, changes)), fault);
});

t.test('given an entry too few or too many, when it is judged, then it is named', async (t) => {
  t.equal(faultOf(observed.slice(0, 2)), 'link: the symlink is not there');
  t.equal(
    faultOf([...observed, { ...observed[1]!, path: 'more', inode: '4' }]),
    'more: a file that was not to be there',
  );
});

t.test('given many faults, when they are told, then the first are, and how many more there are', async (t) => {
  const all = observed.map((entry) => ({ ...entry, uid: 1, gid: 1 }));
  t.equal(faultOf(all), '.: uid is 1, not 0; .: gid is 1, not 0; file: uid is 1, not 0; and 3 more');
});

t.test('given numbers of devices and inodes, when they are judged, then names and numbers go together', async (t) => {
  t.match(
    faultOf(but('link', { inode: '2' })),
    /^link: st_ino is 2, that of disk:\/file, and it was to be disk:\/link's own$/,
  );
  t.match(faultOf(but('link', { device: '8:2' })), /^link: st_dev is 8:2, and it was to stay 8:1$/);
  const identities = noIdentities();
  t.equal(faultOf(observed, identities), undefined);
  t.equal(faultOf(observed, identities), undefined, 'when it is listed again, then they are the same');
  t.equal(faultOf(but('file', { inode: '9' }), identities), 'file: st_ino is 9, and it was to stay 2');
  const hardLinks = [
    { ...file, path: 'a' },
    { ...file, path: 'b' },
  ];
  const apart = [
    { ...seen(file, '2'), path: 'a' },
    { ...seen(file, '3'), path: 'b' },
  ];
  t.equal(listingFault({ entries: hardLinks }, apart, digest, noIdentities()), 'b: st_ino is 3, and it was to stay 2');
  t.equal(
    listingFault({ entries: hardLinks }, [apart[0]!, { ...apart[1]!, inode: '2' }], digest, noIdentities()),
    undefined,
  );
});

t.test('given values that the model does not know, when they are there, then nothing is said of them', async (t) => {
  const unknown: ShownEntry = {
    ...file,
    contents: undefined,
    sizeBytes: undefined,
    nlink: undefined,
    mtimeNs: undefined,
    inode: undefined,
    xattrs: new Map([
      ['trusted.overlay.origin', { presence: 'required', hex: undefined }],
      ['trusted.overlay.impure', { presence: 'possible', hex: '79' }],
    ]),
  };
  const faults = (xattrs: Record<string, string>) =>
    listingFault({ entries: [unknown] }, [{ ...seen(file, '2'), nlink: 5, xattrs }], digest, noIdentities());
  t.equal(faults({ 'trusted.overlay.origin': '00fb' }), undefined);
  t.equal(faults({ 'trusted.overlay.origin': '00fb', 'trusted.overlay.impure': '79' }), undefined);
  t.match(faults({ 'trusted.overlay.origin': '00fb', 'trusted.overlay.impure': '78' }), /impure is 0x78, not 0x79/);
  t.match(faults({}), /the attribute trusted\.overlay\.origin is not there/, 'but it has to be there');
});

t.test(
  'given an entry that cannot be read, when that was predicted, then the rest of it is still compared',
  async (t) => {
    const broken: ShownEntry = {
      ...file,
      unreadable: { kind: 'failure', errno: 'EUCLEAN', rule: 'T5', why: 'it is damaged', messages: [] },
    };
    const { sha256: _none, ...entry } = seen(file, '2');
    const faults = (changes: Partial<TreeEntry>) =>
      listingFault({ entries: [broken] }, [{ ...entry, ...changes }], digest, noIdentities());
    t.equal(faults({ errno: 'EUCLEAN' }), undefined);
    t.equal(faults({ errno: 'EIO' }), 'file: reading it gave EIO, not EUCLEAN');
    t.equal(faults({}), 'file: reading it gave no error, not EUCLEAN');
    t.equal(faults({ errno: 'EUCLEAN', mode: 0 }), 'file: mode is 00, not 04640');
  },
);

t.test(
  'given a directory that plans make for themselves, when it is listed, then nothing is asked of it',
  async (t) => {
    const ofPlans = [
      { ...observed[0]!, path: '.fathom', inode: '7' },
      { ...observed[1]!, path: '.fathom/x', inode: '8' },
    ];
    const fault = (besides?: string) =>
      listingFault({ ...expected, besides }, [...observed, ...ofPlans], digest, noIdentities());
    t.equal(fault('.fathom'), undefined);
    t.match(fault('.fath'), /^\.fathom: a directory that was not to be there; \.fathom\/x: a file/);
  },
);

t.test('given a name that is listed and lost, when it is looked up after all, then that is a fault', async (t) => {
  const lost: LostEntry = { kind: 'lost', path: 'w', errno: 'ENOENT', rule: 'T2', messages: [], why: '' };
  const faults = (changes: Partial<TreeEntry>) =>
    listingFault({ entries: [lost] }, [{ ...observed[1]!, path: 'w', ...changes }], digest, noIdentities());
  t.equal(faults({ errno: 'ENOENT' }), undefined);
  t.equal(faults({}), 'w: looking it up gave no error, not ENOENT');
  t.equal(listingFault({ entries: [lost] }, [], digest, noIdentities()), 'w: it is not there, not even as a name');
});
