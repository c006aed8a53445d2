/** Extended attributes, by root and by an ordinary user. Neither dump.erofs nor fsck.erofs 1.5 shows any. */
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { buildErofs } from '../../../vm/image/erofs.ts';
import type { ErofsSpec } from '../../../vm/image/spec.ts';
import { directory, symlink, text } from '../../../vm/image/tree.ts';
import { locate, programs } from '../../../vm/programs.ts';
import { useCache } from './cache.ts';
import { ordinaryUser } from './ordinary-user.ts';

const { signal } = new AbortController();
const installed = (name: string) => programs().some((row) => row.name === name && locate(row) !== undefined);

/** e_name_index of each namespace (erofs_fs.h). */
const NAMESPACES = { user: 1, trusted: 4, security: 6 } as const;

const user: ErofsSpec = {
  kind: 'erofs',
  tree: directory({ 'a = \\b\n': text('x', { xattrs: { 'user.plain': 'a value' } }) }),
};
const all: ErofsSpec = {
  kind: 'erofs',
  tree: directory(
    {
      a: text('a', { xattrs: { 'user.plain': 'a value', 'security.empty': '' } }),
      l: symlink('a', { xattrs: { 'trusted.on.link': 'z' } }),
    },
    { xattrs: { 'trusted.overlay.opaque': 'y' } },
  ),
};

/** An entry as it is in the image (struct erofs_xattr_entry). */
function entry(name: string, value: string): Buffer {
  const [namespace, rest] = [name.slice(0, name.indexOf('.')), Buffer.from(name.slice(name.indexOf('.') + 1))];
  const head = Buffer.from([rest.length, NAMESPACES[namespace as keyof typeof NAMESPACES], 0, 0]);
  head.writeUInt16LE(Buffer.byteLength(value), 2);
  return Buffer.concat([head, rest, Buffer.from(value)]);
}

async function holds(image: string, entries: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const bytes = await readFile(image);
  return Object.entries(entries)
    .filter(([name, value]) => bytes.includes(entry(name, value)))
    .map(([name]) => name);
}

const inAll = { 'user.plain': 'a value', 'security.empty': '', 'trusted.on.link': 'z', 'trusted.overlay.opaque': 'y' };

t.test(
  'given no setfattr, when attributes are wanted, then it is unsupported and says what to install',
  { skip: installed('setfattr') && 'setfattr is installed' },
  async (t) => {
    useCache(t);
    await t.rejects(buildErofs(user, { signal }), {
      name: 'UnsupportedError',
      missing: 'setfattr',
      remedy: /apt-get install .* attr$/,
    });
  },
);

const skip = installed('setfattr') ? false : 'setfattr is not installed';

t.test('given user attributes, when built, then the image holds them', { skip }, async (t) => {
  useCache(t);
  const { image } = await buildErofs(user, { signal });
  t.same(await holds(image, { 'user.plain': 'a value' }), ['user.plain']);
  t.same(await holds(image, { 'user.plain': 'b value' }), []);
});

t.test(
  'given no privileges and attributes of all namespaces, when built, then the image holds them',
  { skip: skip || (installed('fakeroot') ? false : 'fakeroot is not installed') },
  async (t) => {
    const ordinary = await ordinaryUser(t);
    const { file = '', error } = await ordinary.build(all).outcome;
    t.equal(error, undefined);
    t.same(await holds(file, inAll), Object.keys(inAll));
    if (process.geteuid?.() !== 0) return;
    useCache(t);
    const { image } = await buildErofs(all, { signal });
    t.same(await holds(image, inAll), Object.keys(inAll), 'by root too');
    t.equal((await readFile(image)).compare(await readFile(file)), 0, 'the same image');
  },
);
