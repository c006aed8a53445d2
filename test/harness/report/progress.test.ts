import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { progressOf } from '../../../harness/report/progress.ts';

/** A standard error that is no terminal. */
function pipe(): { readonly stream: NodeJS.WriteStream; readonly text: () => string } {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

t.test('given a run that is over at once, then progress says nothing', async (t) => {
  const { stream, text } = pipe();
  const progress = progressOf(['host'], 1, stream);
  progress.phase('host', 'looking for the kernel');
  progress.scenario('host', 'apex', []);
  await progress.close();
  t.equal(text(), '');
});

t.test(
  'given a longer run in a pipe, then it says where it is, a plain line at a time, with short names',
  async (t) => {
    const { stream, text } = pipe();
    const spec = `image:/a/very/long/path/to/a/build/directory/bzImage,config=/a/very/long/path/.config`;
    const progress = progressOf([spec], 2, stream);
    progress.phase(spec, 'booting 6.18.9');
    await sleep(1_600);
    progress.phase(spec, 'too soon to be said');
    await progress.close();
    t.equal(text(), 'image:…/bzImage: 0/2 scenarios, booting 6.18.9\n');
  },
);
