/** Changes by chance, of few names, so that they meet. */
import fc from 'fast-check';
import type { Change } from '../../../../vm/machine.ts';

const name = fc.constantFrom('a', 'b', 'd', 'e', 'n');
const path = fc
  .oneof(
    { weight: 3, arbitrary: fc.tuple(name) },
    { weight: 3, arbitrary: fc.tuple(name, name) },
    fc.tuple(name, name, name),
  )
  .map((names) => names.join('/'));
const text = fc.constantFrom('', 'x', 'some text\n');
const mode = fc.constantFrom(0o600, 0o755, 0o2775, 0o4711);
const offset = fc.constantFrom(0, 1, 5000);
const xattr = fc.constantFrom('user.x', 'trusted.x', 'trusted.overlay.x', 'user.overlay.x', 'security.x', 'nothing');

function of<How extends Change['how']>(
  how: How,
  parts: {
    readonly [Key in Exclude<keyof Extract<Change, { how: How }>, 'how'>]: fc.Arbitrary<
      Extract<Change, { how: How }>[Key]
    >;
  },
): fc.Arbitrary<Change> {
  return fc.record({ how: fc.constant(how), ...parts }) as unknown as fc.Arbitrary<Change>;
}

const names = fc.oneof(
  of('create', { path, mode, text }),
  of('mkdir', { path, mode }),
  of('rmdir', { path }),
  of('unlink', { path }),
  of('unlink', { path }),
  of('symlink', { path, target: fc.constantFrom('a', 'd', '../a', 'd/b', 'loop') }),
  of('mknod', {
    path,
    type: fc.constantFrom('character' as const, 'block' as const, 'socket' as const),
    mode,
    major: fc.constantFrom(0, 7),
    minor: fc.constantFrom(0, 3),
  }),
  of('link', { path, to: path }),
);

const renames = of('rename', {
  path,
  to: path,
  flags: fc.constantFrom<Extract<Change, { how: 'rename' }>['flags'][]>(
    [],
    [],
    [],
    ['exchange'],
    ['noreplace'],
    ['whiteout'],
  ),
});

const contents = fc.oneof(
  of('open-write', { path }),
  of('write', { path, offset, text }),
  of('append', { path, text }),
  of('truncate', { path, sizeBytes: fc.constantFrom(0, 1, 9000) }),
  of('fallocate', {
    path,
    mode: fc.constantFrom('allocate' as const, 'keep-size' as const, 'punch-hole' as const, 'zero-range' as const),
    offset,
    length: fc.constantFrom(0, 1, 6000),
  }),
  of('fsync', { path }),
  of('copy-file-range', { path, to: path }),
);

const metadata = fc.oneof(
  of('chmod', { path, mode }),
  of('chown', { path, uid: fc.constantFrom(0, 5), gid: fc.constantFrom(0, 6) }),
  of('utimensat', { path, mtimeNs: fc.constantFrom('1', '1600000000000000007') }),
  of('setxattr', { path, name: xattr, value: fc.constantFrom('', '00ff') }),
  of('removexattr', { path, name: xattr }),
);

export const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: names },
  { weight: 3, arbitrary: renames },
  { weight: 2, arbitrary: contents },
  { weight: 2, arbitrary: metadata },
);

export const changes = (length: number): fc.Arbitrary<Change[]> =>
  fc.array(change, { minLength: length, maxLength: length });
