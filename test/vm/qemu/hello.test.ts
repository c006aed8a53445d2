import t from 'tap';
import type { Hello, Kernel } from '../../../vm/machine.ts';
import { checkHello } from '../../../vm/qemu/boot.ts';

const kernel: Kernel = {
  spec: 'tree:.',
  release: '6.18.9',
  version: { major: 6, minor: 18, patch: 9, rc: undefined },
  image: '/nowhere',
  config: new Map(),
  systemMap: undefined,
  identity: 'x',
  origin: 'x',
  modules: () => Promise.resolve([]),
};
const asked = ['erofs', 'overlay'].map((name) => ({ name, file: `${name}.ko`, replaced: false }));
const hello = (release: string, ...modules: readonly string[]): Hello => ({
  v: 1,
  type: 'hello',
  agent: 'x',
  release,
  machine: 'x86_64',
  commandLine: '',
  modules: modules.map((name) => ({ name, ok: name !== 'overlay' })),
});

t.test('given the kernel and modules that were asked for, loaded or refused, then the guest is taken', async (t) => {
  t.doesNotThrow(() => checkHello(hello('6.18.9', 'erofs', 'overlay'), kernel, asked));
});

t.test('given another kernel, then no verdict comes of it', async (t) => {
  t.throws(() => checkHello(hello('6.18.9+', 'erofs', 'overlay'), kernel, asked), {
    name: 'HarnessError',
    message: /tree:\. is 6\.18\.9, and 6\.18\.9\+ booted/,
  });
});

t.test('given an initramfs that was not unpacked whole, then no verdict comes of it', async (t) => {
  t.throws(() => checkHello(hello('6.18.9', 'erofs'), kernel, asked), {
    name: 'HarnessError',
    message: /erofs overlay, and it tried erofs/,
  });
  t.throws(() => checkHello(hello('6.18.9'), kernel, asked), { name: 'HarnessError', message: /none/ });
});
