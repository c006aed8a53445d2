/** A program for tests: builds the spec in its first argument, prints what came of it; SIGTERM aborts. */
import type { DiskSpec, ErofsSpec } from '../../../vm/image/spec.ts';
import { buildDisk } from '../../../vm/image/disk.ts';
import { buildErofs } from '../../../vm/image/erofs.ts';

const spec = JSON.parse(process.argv[2] ?? '') as DiskSpec | ErofsSpec;
const abort = new AbortController();
process.once('SIGTERM', () => {
  abort.abort(new Error('aborted'));
});
try {
  const built = await (spec.kind === 'erofs' ? buildErofs(spec, abort) : buildDisk(spec, abort));
  console.log(JSON.stringify({ uid: process.getuid?.(), file: 'image' in built ? built.image : built.path }));
} catch (error) {
  const { name, message } = error as Error;
  console.log(JSON.stringify({ uid: process.getuid?.(), error: `${name}: ${message}` }));
}
