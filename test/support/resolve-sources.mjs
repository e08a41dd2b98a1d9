// Loaded with --import into the processes of tests, so that `import.meta.resolve`, which does not know vitest's aliases,
// gives sources, too.
import { register } from 'node:module';

register('./resolve-hook.mjs', import.meta.url);
