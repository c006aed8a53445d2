/** A cache of a test's own. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Test } from 'tap';

export interface TestCache {
  readonly root: string;
  /** What is in the cache besides whole entries and marks of who uses them. */
  leftovers(): Promise<readonly string[]>;
}

export function useCache(t: Test, name = 'cache'): TestCache {
  const before = process.env['FATHOM_CACHE'];
  const root = path.join(t.testdir({ [name]: {} }), name);
  process.env['FATHOM_CACHE'] = root;
  t.teardown(() => {
    if (before === undefined) delete process.env['FATHOM_CACHE'];
    else process.env['FATHOM_CACHE'] = before;
  });
  return {
    root,
    leftovers: async () =>
      (await readdir(root, { recursive: true })).filter((file) => /\.building|\.lock|staging/.test(file)),
  };
}
