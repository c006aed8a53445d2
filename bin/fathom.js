#!/usr/bin/env node
import { ensureBuilt, orExit } from './set-up.js';

await orExit(ensureBuilt);
const { main } = await import('../dist/bundle/harness/cli/main.js');
await main(process.argv.slice(2));
