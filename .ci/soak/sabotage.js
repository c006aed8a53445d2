/** Agents that fail: fathom compiles its agent with $CC, and this one adds sabotage.c. */
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The letters that sabotage.c knows them by. */
const MISDEEDS = { panic: 'p', stop: 's', exit: 'e', kill: 'k', garbage: 'g', clock: 'c' };

/** A compiler to be named by $CC. `after`: the result after which the agent fails. */
export async function sabotagingCompiler(directory, misdeed, after) {
  const file = path.join(directory, `cc-${misdeed}-${after}`);
  const flags = [
    `-DSOAK_FAULT='${MISDEEDS[misdeed]}'`,
    `-DSOAK_AFTER=${after}`,
    '-Wl,--wrap=port_send',
    `-I${path.join(import.meta.dirname, '../../vm/agent')}`,
    path.join(import.meta.dirname, 'sabotage.c'),
  ];
  await writeFile(file, `#!/bin/sh\nexec cc "$@" ${flags.map(quoted).join(' ')}\n`);
  await chmod(file, 0o755);
  return file;
}

function quoted(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
