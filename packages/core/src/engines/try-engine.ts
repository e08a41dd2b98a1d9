import { openEngine } from './open-engine.js';

// A process of its own: exit code 0 if the engine named on the command line starts.
await openEngine(process.argv[2]);
process.exit(0);
