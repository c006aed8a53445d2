#!/usr/bin/env node
// `npm start`: sets up what is missing, then runs the command line given, all in one process.
import { ensureBuilt, ensurePrograms, orExit } from './set-up.js';

await orExit(async () => {
  await ensureBuilt();
  await ensurePrograms();
});
const { main } = await import('../dist/bundle/harness/cli/main.js');
await main(process.argv.slice(2));
