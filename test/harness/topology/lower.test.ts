/** Scenario → plan: a golden plan, dependencies, paths, and that the agent takes every plan. */
import fc from 'fast-check';
import t from 'tap';
import { attach, backing, mount, read, sound, write, type Scenario, type Step } from '../../../harness/scenario.ts';
import {
  copyOf,
  directory,
  directoryIn,
  disk,
  ecryptfs,
  erofs,
  erofsDisk,
  erofsImage,
  fileIn,
  fuse,
  imageFile,
  loop,
  missingFile,
  overlay,
  text,
  tmpfs,
} from '../../../harness/topology/builders.ts';
import { lower, needsOf } from '../../../harness/topology/lower.ts';
import { validateScenario } from '../../../harness/topology/validate.ts';
import { plan as planSchema } from '../../../vm/agent/protocol.ts';
import { UsageError, type Plan } from '../../../vm/machine.ts';
import { mountGraphs, scenarioOfGraph } from '../model/mount-graph.ts';

const image = erofsImage({ 'data.txt': text('x') });

function scenarioWith(...steps: readonly Step[]): Scenario {
  return { name: 'test', shows: '', about: [], steps };
}

function planOf(...steps: readonly Step[]): Plan {
  return lower(scenarioWith(...steps), { id: 'test', device: (index) => `/dev/vd${'abc'[index]!}`, deadlineMs: 1000 });
}

function operationOf(plan: Plan, id: string) {
  return plan.steps.find((step) => step.id === id)?.operation;
}

t.test('given the report in small, then the plan is this one', (t) => {
  const root = disk('xfs', { 'os.erofs': imageFile(image) });
  const os = erofs(fileIn(root, 'os.erofs'));
  const first = overlay({ lower: os, upper: root });
  const scenario = scenarioWith(
    mount('erofs', os),
    mount('overlay', first, { api: 'fsopen' }),
    read('read', fileIn(first, 'data.txt')),
    write('copy-up', fileIn(first, 'data.txt'), 'more\n'),
  );
  validateScenario(scenario);
  const step = (id: string, needs: readonly string[], operation: Plan['steps'][number]['operation']) => ({
    id,
    needs,
    deadlineMs: 1000,
    operation,
  });
  const mkdir = (...paths: string[]) => ({ op: 'mkdir' as const, paths, mode: 0o755 });
  t.strictSame(planOf(...scenario.steps), {
    v: 1,
    type: 'plan',
    id: 'test',
    steps: [
      step('set-up: mount points', [], mkdir('/fathom/0-disk', '/fathom/1-erofs', '/fathom/2-overlay')),
      step('set-up: mount xfs /fathom/0-disk', ['set-up: mount points'], {
        op: 'mount',
        fstype: 'xfs',
        source: '/dev/vda',
        target: '/fathom/0-disk',
        flags: [],
        data: '',
      }),
      step('erofs', ['set-up: mount points', 'set-up: mount xfs /fathom/0-disk'], {
        op: 'mount',
        fstype: 'erofs',
        source: '/fathom/0-disk/os.erofs',
        target: '/fathom/1-erofs',
        flags: ['rdonly'],
        data: '',
      }),
      step(
        'set-up: upper and work directories on /fathom/0-disk',
        ['set-up: mount xfs /fathom/0-disk'],
        mkdir('/fathom/0-disk/.fathom/2-overlay/upper', '/fathom/0-disk/.fathom/2-overlay/work'),
      ),
      step('overlay', ['set-up: mount points', 'erofs', 'set-up: upper and work directories on /fathom/0-disk'], {
        op: 'fsmount',
        fstype: 'overlay',
        target: '/fathom/2-overlay',
        rdonly: false,
        parameters: [
          { kind: 'string', key: 'source', value: 'overlay' },
          { kind: 'string', key: 'lowerdir', value: '/fathom/1-erofs' },
          { kind: 'string', key: 'upperdir', value: '/fathom/0-disk/.fathom/2-overlay/upper' },
          { kind: 'string', key: 'workdir', value: '/fathom/0-disk/.fathom/2-overlay/work' },
        ],
      }),
      step('read', ['overlay'], { op: 'read', path: '/fathom/2-overlay/data.txt' }),
      step('copy-up', ['overlay'], { op: 'open-write', path: '/fathom/2-overlay/data.txt', append: 'more\n' }),
    ],
  });
  t.end();
});

t.test('given a loop device, then it is attached once, and each mount of it needs that', (t) => {
  const root = disk('xfs', { image: imageFile(image) });
  const device = loop(fileIn(root, 'image'), { directIo: true });
  const plan = planOf(
    mount('a', erofs(device)),
    mount('b', erofs(device)),
    mount('c', erofs(loop(fileIn(root, 'image')))),
  );
  const loops = plan.steps.filter(({ operation }) => operation.op === 'loop');
  t.strictSame(
    loops.map(({ id, operation }) => ({ id, ...operation })),
    [
      {
        id: 'set-up: loop device l0 on /fathom/0-disk/image',
        op: 'loop',
        name: 'l0',
        file: '/fathom/0-disk/image',
        rdonly: true,
        directIo: true,
      },
      {
        id: 'set-up: loop device l1 on /fathom/0-disk/image',
        op: 'loop',
        name: 'l1',
        file: '/fathom/0-disk/image',
        rdonly: true,
        directIo: false,
      },
    ],
  );
  t.match(operationOf(plan, 'b'), { source: '/run/fathom/loop/l0' });
  t.match(
    plan.steps.find(({ id }) => id === 'b'),
    { needs: [String, loops[0]!.id] },
  );
  t.match(operationOf(plan, 'c'), { source: '/run/fathom/loop/l1' });
  t.end();
});

t.test('given an attach, then the step itself is what a mount needs', (t) => {
  const root = disk('xfs', { image: imageFile(image) });
  const device = loop(fileIn(root, 'image'));
  const plan = planOf(attach('attach', device), mount('mount', erofs(device)));
  t.match(operationOf(plan, 'attach'), { op: 'loop', name: 'l0' });
  t.ok(plan.steps.find(({ id }) => id === 'mount')?.needs.includes('attach'));
  t.notOk(plan.steps.some(({ id }) => id.startsWith('set-up: loop')));
  t.end();
});

t.test('given a copy, then it is made once, after what it is copied from and to', (t) => {
  const root = disk('xfs', { image: imageFile(image) });
  const memory = tmpfs();
  const copy = copyOf(fileIn(root, 'image'), memory, 'copy');
  const plan = planOf(attach('a', loop(copy)), mount('b', erofs(copy)));
  const copies = plan.steps.filter(({ operation }) => operation.op === 'copy-file');
  t.equal(copies.length, 1);
  t.match(copies[0], {
    operation: { from: '/fathom/0-disk/image', to: '/fathom/1-tmpfs/copy' },
    needs: ['set-up: mount xfs /fathom/0-disk', 'set-up: mount tmpfs /fathom/1-tmpfs'],
  });
  t.strictSame(needsOf(scenarioWith(attach('a', loop(copy)))).disks, [root.disk], 'its disk has a slot');
  t.end();
});

t.test('given a file that is missing, then only the mount below it is made', (t) => {
  const root = disk('xfs', {});
  const plan = planOf(mount('a', erofs(missingFile(root, 'no'))));
  t.match(operationOf(plan, 'a'), { source: '/fathom/0-disk/no' });
  t.equal(plan.steps.length, 3);
  t.end();
});

t.test('given colons, backslashes and commas in paths, then they are escaped as overlayfs reads them', (t) => {
  const root = disk('xfs', { 'a:b': directory({}), 'c\\d': directory({}), 'e,f': directory({}) });
  const lowers = ['a:b', 'c\\d', 'e,f'].map((path) => directoryIn(root, path));
  const both = () => overlay({ lower: lowers.slice(0, 2), dataOnly: lowers.slice(2), metacopy: 'on', xino: 'off' });
  t.match(operationOf(planOf(mount('a', both())), 'a'), {
    data: 'lowerdir=/fathom/0-disk/a\\:b:/fathom/0-disk/c\\\\d::/fathom/0-disk/e\\,f,metacopy=on,xino=off',
  });
  t.match(operationOf(planOf(mount('a', both(), { api: 'fsopen' })), 'a'), {
    parameters: [
      {},
      { key: 'lowerdir', value: '/fathom/0-disk/a\\:b:/fathom/0-disk/c\\\\d::/fathom/0-disk/e,f' },
      { key: 'metacopy', value: 'on' },
      { key: 'xino', value: 'off' },
    ],
  });
  t.end();
});

t.test('given no lowers, then there is no lowerdir option; given no workdir, none', (t) => {
  const root = disk('xfs', {});
  t.match(operationOf(planOf(mount('a', overlay({ lower: [], upper: root }))), 'a'), {
    data: /^upperdir=[^,]+,workdir=[^,]+$/,
  });
  t.match(operationOf(planOf(mount('a', overlay({ lower: root, upper: { on: root, withoutWork: true } }))), 'a'), {
    data: /^lowerdir=[^,]+,upperdir=[^,]+$/,
  });
  t.end();
});

t.test('given options of erofs, then blobs come first, flags have no value, and false is no…', (t) => {
  const root = disk('xfs', { image: imageFile(image), b1: text('1'), b2: text('2') });
  const os = () =>
    erofs(fileIn(root, 'image'), {
      dax: 'never',
      directio: true,
      acl: false,
      fsoffset: 4096,
      devices: [fileIn(root, 'b1'), fileIn(root, 'b2')],
    });
  t.match(operationOf(planOf(mount('a', os())), 'a'), {
    data: 'device=/fathom/0-disk/b1,device=/fathom/0-disk/b2,dax=never,directio,noacl,fsoffset=4096',
  });
  t.match(operationOf(planOf(mount('a', os(), { api: 'fsopen' })), 'a'), {
    rdonly: true,
    parameters: [
      { key: 'source' },
      { key: 'device' },
      { key: 'device' },
      { key: 'dax' },
      { kind: 'flag', key: 'directio' },
      { kind: 'flag', key: 'noacl' },
      { key: 'fsoffset', value: '4096' },
    ],
  });
  t.end();
});

t.test('given a blob on a loop device, then it is attached behind that of the image, and named', (t) => {
  const root = disk('xfs', { image: imageFile(image), blob: text('1') });
  const plan = planOf(mount('a', erofs(loop(fileIn(root, 'image')), { devices: [loop(fileIn(root, 'blob'))] })));
  const backings = plan.steps.flatMap(({ operation }) => (operation.op === 'loop' ? [operation.file] : []));
  t.strictSame(backings, ['/fathom/0-disk/image', '/fathom/0-disk/blob']);
  t.match(operationOf(plan, 'a'), { source: /loop\/0|l0$/, data: /^device=.*(?:loop\/1|l1)$/ });
  t.end();
});

t.test('given paths that mount(2) or fsconfig(2) cannot take, then the user is told what can', (t) => {
  const root = disk('xfs', { image: imageFile(image), 'a,b': text('x'), ['d'.repeat(250)]: directory({}) });
  const comma = () => erofs(fileIn(root, 'image'), { devices: [fileIn(root, 'a,b')] });
  t.throws(
    () => planOf(mount('a', comma())),
    new UsageError('erofs: device=/fathom/0-disk/a,b has a comma, which mount(2) cannot take; use fsopen(2)'),
  );
  t.match(operationOf(planOf(mount('a', comma(), { api: 'fsopen' })), 'a'), { op: 'fsmount' });
  const long = () => overlay({ lower: directoryIn(root, 'd'.repeat(250)), upper: root });
  t.throws(() => planOf(mount('a', long(), { api: 'fsopen' })), /lowerdir= has 265 bytes, and fsconfig\(2\) takes 255/);
  t.match(operationOf(planOf(mount('a', long())), 'a'), { op: 'mount' });
  const many = overlay({ lower: Array.from({ length: 20 }, () => directoryIn(root, 'd'.repeat(250))), upper: root });
  t.throws(() => planOf(mount('a', many)), /overlay: the options have \d+ bytes, and mount\(2\) takes 4095/);
  t.end();
});

t.test('given several overlays with uppers on one mount, then one step makes the directories of all', (t) => {
  const root = disk('xfs', { image: imageFile(image) });
  const memory = tmpfs();
  const os = erofs(fileIn(root, 'image'));
  const first = overlay({ lower: os, upper: root });
  const apart = overlay({ lower: first, upper: { on: root, workOn: memory } });
  const plan = planOf(mount('os', os), mount('first', first), mount('apart', apart));
  t.same(plan.steps.flatMap(({ operation }) => (operation.op === 'mkdir' ? [operation.paths] : [])).slice(1), [
    [
      '/fathom/0-disk/.fathom/2-overlay/upper',
      '/fathom/0-disk/.fathom/2-overlay/work',
      '/fathom/0-disk/.fathom/4-overlay/upper',
    ],
    ['/fathom/3-tmpfs/.fathom/4-overlay/work'],
  ]);
  t.match(operationOf(plan, 'apart'), {
    data: /upperdir=\/fathom\/0-disk\/.fathom\/4-overlay\/upper,workdir=\/fathom\/3-tmpfs\/.fathom\/4-overlay\/work$/,
  });
  t.end();
});

t.test('given two long paths that begin alike, then both are made, under ids that the agent takes', (t) => {
  const root = disk('xfs', { image: imageFile(image) });
  const memory = tmpfs();
  const copy = (end: string) => erofs(copyOf(fileIn(root, 'image'), memory, `${'ü'.repeat(100)}${end}`));
  const plan = planOf(mount('a', copy('1')), mount('b', copy('2')));
  t.equal(plan.steps.filter(({ operation }) => operation.op === 'copy-file').length, 2);
  t.doesNotThrow(() => planSchema.parse(plan));
  t.ok(plan.steps.every(({ id }) => Buffer.byteLength(id) <= 127));
  t.end();
});

t.test('given FUSE, then its daemon is told what it stands on and declares, and a file is offered to it', (t) => {
  const root = disk('ext4', { layer: directory({ 'a.txt': text('x') }) });
  const passed = fuse(directoryIn(root, 'layer'), { maxStackDepth: 2, writebackCache: true });
  const plan = planOf(mount('a', passed), backing('b', passed, fileIn(root, 'layer/a.txt')));
  t.strictSame(operationOf(plan, 'a'), {
    op: 'fuse',
    over: '/fathom/0-disk/layer',
    target: '/fathom/1-fuse',
    rdonly: false,
    passthrough: true,
    maxStackDepth: 2,
    writebackCache: true,
  });
  t.strictSame(operationOf(plan, 'b'), {
    op: 'fuse-backing',
    target: '/fathom/1-fuse',
    file: '/fathom/0-disk/layer/a.txt',
  });
  t.strictSame(plan.steps.find(({ id }) => id === 'b')?.needs, ['a', 'set-up: mount ext4 /fathom/0-disk']);
  t.match(operationOf(planOf(mount('a', fuse(erofsDisk(image)))), 'a'), {
    rdonly: true,
    passthrough: false,
    maxStackDepth: 0,
  });
  t.end();
});

t.test('given eCryptfs, then its key is added once, before the first mount that names it', (t) => {
  const root = disk('ext4', { one: directory({}), two: directory({}) });
  const plan = planOf(
    mount('a', ecryptfs(directoryIn(root, 'one'))),
    mount('b', ecryptfs(directoryIn(root, 'two')), { api: 'fsopen' }),
  );
  const keys = plan.steps.filter(({ operation }) => operation.op === 'ecryptfs-key');
  t.equal(keys.length, 1);
  const { signature } = keys[0]!.operation as { signature: string };
  t.match(operationOf(plan, 'a'), {
    fstype: 'ecryptfs',
    source: '/fathom/0-disk/one',
    data: `ecryptfs_sig=${signature},ecryptfs_cipher=aes,ecryptfs_key_bytes=16,ecryptfs_passthrough`,
  });
  for (const id of ['a', 'b']) t.ok(plan.steps.find((step) => step.id === id)?.needs.includes(keys[0]!.id));
  t.end();
});

t.test('a scenario needs its disks in order, and the modules of what it mounts', (t) => {
  const xfs = disk('xfs', { image: imageFile(image) });
  const ext4 = disk('ext4', {});
  const bare = erofsDisk(image);
  const os = erofs(loop(fileIn(xfs, 'image')));
  const scenario = scenarioWith(mount('a', os), mount('b', overlay({ lower: [os, bare], upper: ext4 })));
  t.strictSame(needsOf(scenario), {
    disks: [xfs.disk, bare.disk, ext4.disk],
    modules: ['erofs', 'ext4', 'loop', 'overlay', 'xfs'],
    config: [],
    stackTracer: false,
  });
  t.match(operationOf(planOf(...scenario.steps), 'set-up: mount erofs /fathom/2-disk'), {
    source: '/dev/vdb',
    flags: ['rdonly'],
  });
  t.strictSame(needsOf(scenarioWith(mount('a', overlay({ lower: [tmpfs(), tmpfs()] })))), {
    disks: [],
    modules: ['overlay'],
    config: [],
    stackTracer: false,
  });
  t.match(needsOf(scenarioWith(mount('a', os), sound('s', fileIn(os, 'data.txt')))), { stackTracer: true });
  t.end();
});

t.test(
  'given any graph that can be meant, then the agent takes its plan: unique ids, and needs that come before',
  (t) => {
    let plans = 0;
    fc.assert(
      fc.property(mountGraphs('planned', 14), (graph) => {
        const scenario = scenarioOfGraph(graph);
        if (!isMeant(scenario)) return;
        plans += 1;
        planSchema.parse(lower(scenario, { id: 'graph', device: () => '/dev/vda', deadlineMs: 1 }));
      }),
      { numRuns: 300 },
    );
    t.ok(plans > 30, `${plans} plans`);
    t.end();
  },
);

function isMeant(scenario: Scenario): boolean {
  try {
    validateScenario(scenario);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}
