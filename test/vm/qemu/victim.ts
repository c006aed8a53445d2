/** A fathom to be killed: makes a clone, says its QEMU's pid, and waits. */
import { prepareTemplate } from '../../../vm/qemu/template.ts';
import { kernel, shape, signal } from './machine.ts';

await using template = await prepareTemplate({ kernel, shape, accelerator: 'auto', fresh: false, signal });
await using machine = await template.clone([], { signal });
process.stdout.write(`${machine.pid}\n`);
await new Promise((resolve) => setTimeout(resolve, 60_000));
