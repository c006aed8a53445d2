/** When the machine of Vagrant's is kept, and when it is restored; machine and Vagrant are played. */
import t from 'tap';
import { onVagrant } from '../../../harness/run/vagrant-backend.ts';
import { HarnessError, UnsupportedError, type Plan } from '../../../vm/machine.ts';
import { fakeBackend } from './fake-backend.ts';
import { shapeOf } from '../../../harness/run/groups.ts';
import report from '../../../scenarios/reports/fedora-coreos-2087.ts';

const { signal } = new AbortController();
const plan: Plan = { v: 1, type: 'plan', id: report.name, steps: [] };

/** What Vagrant was told, in order; `cloneErrors` come first, one a clone. */
async function play(cloneErrors: Error[], mishap?: 'lost'): Promise<{ told: string[]; failure: unknown }> {
  const told: string[] = [];
  const fake = fakeBackend({ scenarios: [report], mishap: () => mishap });
  const vagrant = {
    save: () => Promise.resolve(void told.push('save')),
    restore: () => Promise.resolve(void told.push('restore')),
  } as unknown as Parameters<typeof onVagrant>[0];
  const backend = onVagrant(vagrant, {
    ...fake,
    prepareTemplate: async (request) => {
      const template = await fake.prepareTemplate(request);
      const clone: typeof template.clone = async (...args) => {
        const error = cloneErrors.shift();
        if (error !== undefined) throw error;
        return template.clone(...args);
      };
      return { ...template, clone };
    },
  });
  const kernelRequest = { replace: {}, mirror: undefined, signal, onProgress: () => undefined };
  const kernel = await backend.findKernel('debian:6.18.9', kernelRequest);
  const request = { kernel, shape: shapeOf([], []), accelerator: 'auto', fresh: false, signal } as const;
  const template = await backend.prepareTemplate({ ...request, onProgress: () => undefined });
  await backend.prepareTemplate({ ...request, onProgress: () => undefined });
  let failure: unknown;
  try {
    const machine = await template.clone([], { signal });
    told.push((await machine.run(plan, { signal })).kind);
    await machine[Symbol.asyncDispose]();
  } catch (error) {
    failure = error;
  }
  return { told, failure };
}

t.test('given a plan that comes to its end, then the machine was kept once and is not restored', async (t) => {
  t.strictSame(await play([]), { told: ['save', 'completed'], failure: undefined });
});

t.test('given a plan that does not, then the machine is restored after it', async (t) => {
  t.strictSame(await play([], 'lost'), { told: ['save', 'lost', 'restore'], failure: undefined });
});

t.test('given a machine that is not reached, then it is restored and asked once more', async (t) => {
  t.strictSame((await play([new HarnessError('no route')])).told, ['save', 'restore', 'completed']);
  const twice = await play([new HarnessError('no route'), new HarnessError('no route again')]);
  t.match(twice, { told: ['save', 'restore'], failure: { message: 'no route again' } });
});

t.test('given a machine that lacks something, then restoring it is of no use', async (t) => {
  t.match(await play([new UnsupportedError('tar')]), { told: ['save'], failure: { name: 'UnsupportedError' } });
});
