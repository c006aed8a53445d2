/** The notation of topologies, read: what each form means, what is shared, and what the errors point at. */
import fc from 'fast-check';
import t from 'tap';
import { mount, read, write, type Scenario } from '../../../harness/scenario.ts';
import { fileIn } from '../../../harness/topology/builders.ts';
import { lower, needsOf } from '../../../harness/topology/lower.ts';
import { notationOf } from '../../../harness/topology/notation.ts';
import { parseTopology } from '../../../harness/topology/parse-notation.ts';
import { DIRECTORY, FILE_BYTES, FILES, LINK, SMALL, TREE, XATTR } from '../../../harness/topology/standard-content.ts';
import {
  imageOf,
  isImplicit,
  lookUp,
  mountsUpTo,
  type ErofsMount,
  type Mount,
  type OverlayMount,
} from '../../../harness/topology/topology.ts';
import { validateScenario } from '../../../harness/topology/validate.ts';
import { plan as planSchema } from '../../../vm/agent/protocol.ts';
import { HarnessError, UsageError } from '../../../vm/machine.ts';
import { mountGraphs } from '../model/mount-graph.ts';

function overlayOf(text: string): OverlayMount {
  const mount = parseTopology(text);
  if (mount.kind !== 'overlay') throw new TypeError(`${text} is a ${mount.kind}`);
  return mount;
}

function erofsOf(text: string): ErofsMount {
  const mount = parseTopology(text);
  if (mount.kind !== 'erofs') throw new TypeError(`${text} is a ${mount.kind}`);
  return mount;
}

function messageOf(text: string): string {
  try {
    parseTopology(text);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new TypeError(`${text} is taken`);
}

const TAKEN_AS_WRITTEN = [
  'xfs',
  'ext4',
  'btrfs',
  'tmpfs',
  'erofs[disk]',
  'erofs[disk,zstd]',
  'erofs[verity]',
  'ovl(erofs[verity,lz4])',
  'erofs[file](xfs)',
  'erofs[file,lz4](xfs)',
  'erofs[loop,lz4hc=9](btrfs)',
  'erofs[loop,directio](ext4)',
  'erofs[file,directio](ext4)',
  'erofs[file,nodirectio,cache_strategy=disabled](ext4)',
  'erofs[file,deflate,dax=never,nouser_xattr,noacl,cache_strategy=readaround](xfs)',
  'erofs[file](tmpfs)',
  'erofs[file](erofs[loop](ext4))',
  'erofs[file](ovl(xfs))',
  'erofs[loop](ovl(tmpfs))',
  'erofs[file](xfs, device on ovl(ovl(xfs)))',
  'erofs[loop](xfs, device on ext4)',
  'erofs[file](xfs, device on ovl(ovl(erofs[file](xfs, device on ovl(ovl(xfs))))))',
  'ovl(xfs)',
  'ovl(erofs[disk])',
  'ovl(ovl(erofs[file](xfs)))',
  'ovl[upper=tmpfs](ovl(erofs[file](xfs)))',
  'ovl[upper=ext4](xfs)',
  'ovl[upper=xfs#2](xfs)',
  'ovl[upper=ovl(xfs)](xfs)',
  'ovl[ro](erofs[file](xfs))',
  'ovl[ro](erofs[file](xfs), erofs#2[file](xfs))',
  'ovl(erofs[loop](xfs), tmpfs)',
  'ovl[metacopy](erofs[file](xfs) :: xfs :: ext4)',
  'ovl[metacopy,redirect_dir,index,nfs_export,xino,userxattr,volatile](xfs)',
  'ovl[upper=tmpfs,metacopy=off,redirect_dir=nofollow,index=off,nfs_export=off,xino=auto](xfs)',
  'ovl()',
  'ovl( :: xfs)',
  'fuse(ext4)',
  'fuse[passthrough 2](ovl(ext4))',
  'fuse[passthrough 1,writeback_cache](ext4)',
  'ecryptfs(erofs[file](ext4))',
] as const;

for (const text of TAKEN_AS_WRITTEN)
  t.test(`given ${text}, when read and written, then it is the same`, (t) => {
    t.equal(notationOf(parseTopology(text)), text);
    t.end();
  });

const ANOTHER_SPELLING: readonly (readonly [string, string])[] = [
  [' ovl ( ovl( erofs [ file ] (xfs)\n) ) ', 'ovl(ovl(erofs[file](xfs)))'],
  ['erofs[none,file](xfs)', 'erofs[file](xfs)'],
  ['erofs[lz4,file](xfs#1)', 'erofs[file,lz4](xfs)'],
  ['ovl[upper=xfs](erofs[file](xfs))', 'ovl(erofs[file](xfs))'],
  ['ovl[upper=tmpfs](erofs[disk])', 'ovl(erofs[disk])'],
  ['ovl[volatile,metacopy=on](xfs)', 'ovl[metacopy,volatile](xfs)'],
  ['ovl(xfs#7, xfs#7)', 'ovl(xfs, xfs)'],
  ['ovl(xfs#7, xfs#3)', 'ovl(xfs, xfs#2)'],
];

for (const [text, canonical] of ANOTHER_SPELLING)
  t.test(`given ${JSON.stringify(text)}, when written again, then it is ${canonical}`, (t) => {
    t.equal(notationOf(parseTopology(text)), canonical);
    t.end();
  });

t.test('given one name twice, then it is one mount, and with a number it is another with other bytes', (t) => {
  const shared = overlayOf('ovl(erofs[file](xfs), erofs[file](xfs))');
  t.equal(shared.lowers[0]?.on, shared.lowers[1]?.on);
  const apart = overlayOf('ovl(erofs[file](xfs), erofs#2[file](xfs))');
  const [first, second] = apart.lowers.map(({ on }) => on as ErofsMount);
  t.not(first, second);
  t.equal(mountsUpTo(apart).filter(({ kind }) => kind === 'disk').length, 1, 'both on one disk');
  t.notSame(imageOf(first!)?.tree.entries['id'], imageOf(second!)?.tree.entries['id'], 'no UUID is there twice');
  const disks = mountsUpTo(parseTopology('ovl[upper=xfs#2](xfs)')).filter((each) => each.kind === 'disk');
  t.equal(disks.length, 2);
  t.notSame(disks[0]?.disk, disks[1]?.disk);
  t.end();
});

t.test('given no upper, then it is on the nearest writable bottom, and on a tmpfs where there is none', (t) => {
  const upperOf = (text: string): Mount | undefined => overlayOf(text).upper?.on;
  const second = overlayOf('ovl(ovl(erofs[file](erofs[loop](ext4))))');
  t.equal(second.upper?.on.kind, 'disk');
  t.equal((second.lowers[0]?.on as OverlayMount).upper?.on, second.upper?.on, 'both overlays have theirs on one disk');
  t.equal(upperOf('ovl(erofs[disk])')?.kind, 'tmpfs');
  t.equal(notationOf(upperOf('ovl(erofs[disk], ext4, xfs)')!), 'ext4');
  t.equal(notationOf(upperOf('ovl(erofs[disk] :: btrfs)')!), 'btrfs');
  t.equal(notationOf(upperOf('ovl(ovl[upper=tmpfs](ext4))')!), 'ext4', 'the upper of a lower is not below');
  t.equal(upperOf('ovl[ro](xfs, ext4)'), undefined);
  t.end();
});

t.test('given directio, then it is the loop device’s on one, and the mount option for an image in a file', (t) => {
  const looped = erofsOf('erofs[loop,directio](ext4)');
  t.match(looped.source, { kind: 'loop', directIo: true });
  t.same(looped.options, {});
  const inFile = erofsOf('erofs[file,directio](ext4)');
  t.equal(inFile.source.kind, 'file');
  t.same(inFile.options, { directio: true });
  t.match(erofsOf('erofs[loop](ext4)').source, { directIo: false });
  t.end();
});

t.test('given a mount, then the standard paths are what they are called, at its root', (t) => {
  for (const text of [
    'xfs',
    'ext4',
    'erofs[disk]',
    'erofs[file](tmpfs)',
    'ovl(ovl(erofs[loop,lz4](xfs)))',
    'ovl(btrfs)',
    'fuse(ext4)',
  ]) {
    const mount = parseTopology(text);
    const kinds = [SMALL, DIRECTORY, LINK, XATTR, TREE].map((path) => lookUp(mount, path)?.kind);
    t.same(kinds, ['file', 'directory', 'symlink', 'file', 'directory'], text);
    for (const path of FILES)
      t.match(
        lookUp(mount, path),
        { kind: 'file', content: { kind: 'seeded', sizeBytes: FILE_BYTES } },
        `${text} ${path}`,
      );
  }
  t.ok(FILES.length * FILE_BYTES >= 8 * 1024 * 1024);
  t.equal(lookUp(parseTopology('ovl(tmpfs)'), SMALL), undefined, 'a tmpfs is empty');
  t.match(lookUp(parseTopology('ext4'), XATTR), { xattrs: { 'user.short': 'short' } });
  t.notOk('xattrs' in lookUp(parseTopology('xfs'), XATTR)!, 'mkfs.xfs cannot make them');
  t.end();
});

t.test('given a filesystem that only carries an image, then it is not filled', (t) => {
  const nested = erofsOf('erofs[file](erofs[file](xfs))');
  const carrier = mountsUpTo(nested).find((each) => each.kind === 'erofs' && each !== nested)!;
  t.equal(lookUp(carrier, FILES[0]!), undefined);
  t.equal(lookUp(carrier, SMALL)?.kind, 'file');
  t.equal(lookUp(nested, FILES[0]!)?.kind, 'file');
  t.end();
});

const WRONG: readonly (readonly [string, string])[] = [
  ['', '\n    \n    ^\n  expected a mount: ovl, erofs, xfs,'],
  [
    'ovl(ovl(erfos[file](xfs)))',
    'no mount is called "erfos"; did you mean erofs?\n    ovl(ovl(erfos[file](xfs)))\n            ^^^^^\n  expected a mount',
  ],
  ['overlay(xfs)', 'did you mean ovl?\n    overlay(xfs)\n    ^^^^^^^\n'],
  ['nfs', 'no mount is called "nfs"; did you mean xfs?'],
  ['zonefs', 'no mount is called "zonefs"\n'],
  ['ovl(xfs', 'the text ends too early\n    ovl(xfs\n           ^\n  expected a comma and one more lower'],
  ['ovl(xfs))', '")" cannot stand here\n    ovl(xfs))\n            ^\n  expected the end'],
  ['ovl xfs', '"xfs" cannot stand here\n    ovl xfs\n        ^^^\n  expected ('],
  ['ovl(xfs;ext4)', '";" is no part of the notation\n    ovl(xfs;ext4)\n           ^'],
  ['ovl(xfs\t💥)', '"💥" is no part of the notation\n    ovl(xfs 💥)\n            ^^'],
  ['ovl(xfs : ext4)', '":" is no part of the notation'],
  ['ovl(xfs :: ext4, btrfs)', 'expected :: and one more data-only lower, or )'],
  [
    'ovl[metcopy](xfs)',
    'ovl has no option "metcopy"; did you mean metacopy?\n    ovl[metcopy](xfs)\n        ^^^^^^^\n  expected ro, upper=,',
  ],
  ['ovl[redirect_dir=folow](xfs)', 'did you mean redirect_dir=follow?'],
  ['ovl[volatile=on](xfs)', 'no option "volatile=on"; did you mean volatile?'],
  [
    'ovl[index,index=off](xfs)',
    'index is said twice\n    ovl[index,index=off](xfs)\n              ^^^^^^^^^\n'.trimEnd(),
  ],
  ['ovl[ro,upper=xfs](xfs)', 'the upper is said twice\n    ovl[ro,upper=xfs](xfs)\n           ^^^^^^^^^'],
  ['ovl[upper](xfs)', 'did you mean upper=?'],
  ['ovl[upper=nope](xfs)', 'no mount is called "nope"\n    ovl[upper=nope](xfs)\n              ^^^^'],
  ['ovl[](xfs)', 'expected an option'],
  ['ovl[index](xfs', 'the text ends too early'],
  ['erofs(xfs)', 'erofs without its source\n    erofs(xfs)\n         ^\n  expected erofs[file](…)'],
  ['erofs', 'erofs without its source'],
  ['erofs[file]', 'expected ( and the mount that holds the image'],
  [
    'erofs[file,loop](xfs)',
    'one of file, loop, disk or verity is enough\n    erofs[file,loop](xfs)\n               ^^^^',
  ],
  ['erofs[file,lz5](xfs)', 'erofs has no option "lz5"; did you mean lz4?'],
  ['erofs[file,lz4,none](xfs)', 'the compression is said twice'],
  ['erofs[file,lz4hc=max](xfs)', 'max is no level of lz4hc'],
  ['erofs[file,upper=xfs](xfs)', 'erofs is read-only'],
  ['erofs[file,acl,noacl](xfs)', 'acl is said twice'],
  ['erofs[loop,directio,directio](xfs)', 'directio is said twice'],
  [
    'erofs[disk](xfs)',
    '"(" cannot stand here\n    erofs[disk](xfs)\n               ^\n  expected the end of erofs[disk]',
  ],
  ['erofs[disk,acl]', 'erofs[disk] has no mount options'],
  ['erofs[file](xfs, devise on xfs)', '"devise" cannot stand here; did you mean device?'],
  ['erofs[file](xfs, device on xfs, device on xfs)', 'expected ) after the blob device'],
  ['erofs[file,lz4](xfs, device on xfs)', 'a blob device of a compressed image'],
  [
    'erofs[file](ovl[ro](tmpfs, tmpfs))',
    'no image can lie on that: it is read-only, and nothing below it is filled when it is built\n    erofs[file](ovl[ro](tmpfs, tmpfs))\n                ^^^^^^^^^^^^^^^^^^^^^\n'.trimEnd(),
  ],
  ['xfs[lz4]', 'xfs has no options'],
  ['xfs(ext4)', 'expected the end of xfs'],
  ['xfs#0', '#0 is no number of a mount'],
  ['ecryptfs[file](xfs)', 'ecryptfs has no options'],
  ['fuse[passthru 2](xfs)', 'fuse has no option "passthru 2"; did you mean passthrough 2?'],
  ['fuse[writeback_cache](xfs)', 'writeback_cache without passthrough'],
  ['ovl('.repeat(200), 'more than 100 mounts upon each other'],
];

for (const [text, expected] of WRONG)
  t.test(`given ${JSON.stringify(text.slice(0, 60))}, then the error says where and what`, (t) => {
    const message = messageOf(text);
    t.ok(message.startsWith('topology: '), message);
    t.ok(message.includes(expected), message);
    t.end();
  });

t.test('given a long text, then what is around the place is shown, and the carets are under it', (t) => {
  const [, shown, carets] = messageOf(
    `ovl(${'erofs[file](xfs), '.repeat(20)}erofs[fiel](xfs)${', xfs'.repeat(40)})`,
  ).split('\n');
  t.equal(shown!.slice(carets!.indexOf('^'), carets!.length), 'fiel');
  t.ok(shown!.length < 120);
  t.end();
});

/** Texts of the notation, with numbers and needless spellings. */
const texts = fc.letrec<{ mount: string; carrier: string; bottom: string; upper: string }>((tie) => {
  const numbered = (word: string) => fc.constantFrom(word, word, `${word}#2`, `${word}#5`);
  const some = (...words: readonly string[]) => fc.subarray([...words], { maxLength: 2 });
  const bottom = fc.constantFrom('xfs', 'ext4', 'btrfs', 'tmpfs').chain(numbered);
  const compression = fc.constantFrom('none', 'lz4', 'zstd=3');
  const erofs = fc
    .tuple(
      numbered('erofs'),
      fc.constantFrom('file', 'loop'),
      compression,
      some('directio', 'noacl', 'dax=never'),
      tie('carrier'),
    )
    .map(([head, form, packed, options, on]) => `${head}[${[packed, form, ...options].join()}](${on})`);
  const blobs = fc
    .tuple(fc.constantFrom('file', 'loop'), tie('carrier'), tie('carrier'))
    .map(([form, on, device]) => `erofs[${form}](${on}, device on ${device})`);
  const erofsDisk = fc
    .tuple(numbered('erofs'), fc.constantFrom('disk', 'verity'), compression)
    .map(([head, form, packed]) => `${head}[${form},${packed}]`);
  const overlay = fc
    .tuple(
      numbered('ovl'),
      fc.option(
        fc.oneof(
          fc.constant('ro'),
          tie('upper').map((upper) => `upper=${upper}`),
        ),
        { nil: undefined },
      ),
      some('metacopy', 'redirect_dir=off', 'index', 'xino=auto', 'volatile'),
      fc.array(tie('mount'), { minLength: 1, maxLength: 3 }),
      fc.array(tie('mount'), { maxLength: 2 }),
    )
    .map(([head, upper, options, lowers, dataOnly]) => {
      const words = [...options, ...(upper === undefined ? [] : [upper])];
      return `${head}${words.length === 0 ? '' : `[${words.join(', ')}]`}(${[lowers.join(','), ...dataOnly].join('::')})`;
    });
  const over = fc
    .tuple(fc.constantFrom('fuse', 'fuse[passthrough 1]', 'ecryptfs'), tie('mount'))
    .map(([head, on]) => `${head}(${on})`);
  return {
    mount: fc.oneof({ maxDepth: 4, depthIdentifier: 'mount' }, bottom, erofsDisk, erofs, blobs, overlay, overlay, over),
    // What can hold an image whatever its contents are.
    carrier: fc.oneof({ maxDepth: 4, depthIdentifier: 'mount' }, bottom, erofsDisk, erofs, blobs),
    upper: fc.oneof({ maxDepth: 4, depthIdentifier: 'mount' }, bottom, overlay),
    bottom,
  };
}).mount;

/** The graph as its nodes with what each stands on, without paths: two graphs of one shape share the same. */
function shapeOf(top: Mount): unknown {
  const all = mountsUpTo(top);
  return JSON.parse(
    JSON.stringify(all, (key, value: unknown) => {
      if (key === 'tree')
        return 'entries' in (value as object) ? Object.keys((value as { entries: object }).entries) : '';
      return ['on', 'workOn'].includes(key) ? { mount: all.indexOf(value as Mount) } : value;
    }),
  );
}

t.test(
  'given any topology, when written and read again, then it is the same graph with the same mounts shared',
  (t) => {
    fc.assert(
      fc.property(texts, (text) => {
        const first = parseTopology(text);
        const written = notationOf(first);
        const again = parseTopology(written);
        t.strictSame(notationOf(again), written);
        return JSON.stringify(shapeOf(again)) === JSON.stringify(shapeOf(first));
      }),
      { numRuns: 300 },
    );
    t.end();
  },
);

t.test('given the graph of any scenario, when its name is read, then it has that name', (t) => {
  fc.assert(
    fc.property(mountGraphs('all', 6), ({ mounts }) =>
      mounts.every((each) => {
        try {
          return notationOf(parseTopology(notationOf(each))) === notationOf(each);
        } catch (error) {
          // A scenario can copy an image to where the notation finds none.
          return error instanceof UsageError && error.message.includes('no image can lie on that');
        }
      }),
    ),
    { numRuns: 200 },
  );
  t.end();
});

t.test('given any text at all, then it is read, or the carets of a UsageError are below it', (t) => {
  const pieces = fc.constantFrom(
    'ovl',
    'erofs',
    '[file]',
    '[',
    ']',
    '(',
    ')',
    ',',
    '::',
    'xfs',
    '#2',
    '=',
    ' ',
    'upper=',
    'device on ',
  );
  const anything = fc.oneof(
    fc.array(pieces).map((some) => some.join('')),
    fc.string({ unit: 'binary' }),
    texts,
  );
  fc.assert(
    fc.property(anything, (text) => {
      try {
        parseTopology(text);
        return true;
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        const [, shown, carets] = error.message.split('\n');
        return /^ +\^+$/.test(carets!) && carets!.length <= shown!.length + 1;
      }
    }),
    { numRuns: 500 },
  );
  t.end();
});

function scenarioOf(top: Mount): Scenario {
  const steps = mountsUpTo(top)
    .filter((each) => !isImplicit(each))
    .map((each, index) => mount(`mount ${index}`, each));
  const small = fileIn(top, SMALL);
  return {
    name: 'notation',
    shows: '',
    about: [],
    steps: [
      ...steps,
      ...(lookUp(top, SMALL) === undefined ? [] : [read('read', small)]),
      ...(top.kind === 'overlay' && top.upper !== undefined ? [write('write', small, 'more\n')] : []),
    ],
  };
}

t.test('given a topology of what the agent can mount, then it lowers to a plan that the agent takes', (t) => {
  for (const text of TAKEN_AS_WRITTEN) {
    if (/verity|ovl\(\)|:: xfs\)$/.test(text)) continue;
    const scenario = scenarioOf(parseTopology(text));
    if (scenario.steps.length === 0) continue;
    validateScenario(scenario);
    const plan = lower(scenario, { id: 'test', device: (index) => `/dev/disk${index}`, deadlineMs: 1000 });
    t.strictSame(planSchema.parse(plan), plan, text);
    t.ok(needsOf(scenario).disks.length <= 3, text);
  }
  t.end();
});

t.test('given dm-verity, then its disk is asked for, and no plan passes it over', (t) => {
  const top = parseTopology('ovl(erofs[verity])');
  const disk = mountsUpTo(top).find((each) => each.kind === 'disk');
  t.match(disk?.disk, { filesystem: 'erofs', verity: { salt: /^[0-9a-f]{64}$/ } });
  const options = { id: 'test', device: () => '/dev/disk', deadlineMs: 1000 };
  t.throws(() => lower(scenarioOf(top), options), HarnessError, 'a disk without its tree would be another stack');
  const tree = { rootHash: 'ab', salt: 'cd', dataBlocks: 7, hashStartBlock: 8 };
  t.match(lower(scenarioOf(top), { ...options, verity: () => tree }).steps, [
    { id: 'set-up: mount points' },
    { operation: { op: 'verity', name: 'verity0', data: '/dev/disk', hash: '/dev/disk', ...tree } },
    { operation: { op: 'mount', source: '/dev/mapper/verity0' } },
  ]);
  t.match(needsOf(scenarioOf(top)).modules, ['dm_verity', 'erofs', 'overlay']);
  t.notOk('verity' in mountsUpTo(parseTopology('ovl(erofs[disk])')).find((each) => each.kind === 'disk')!.disk);
  t.end();
});
