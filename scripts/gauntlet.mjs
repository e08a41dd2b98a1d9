// Gauntlet from a checkout: sets it up first where nothing is built yet.
import { existsSync } from 'node:fs';

if (!existsSync(new URL('../packages/cli/dist/main.js', import.meta.url))) await import('./setup.mjs');
await import('../packages/cli/bin/gauntlet.js');
