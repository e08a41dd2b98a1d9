// The paper's tables, figures and page, at full size; goes on where it was stopped: npm run paper -- --help
// Attacks run in this process, so the npm script gives V8 what workers get: without it a third of the time is garbage collection.
import { GauntletError } from '@gauntlet/api';
import { paper } from './paper.mjs';

const stop = new AbortController();
process.once('SIGINT', () => {
  console.error('Stopping. A training is finished first; Ctrl-C again stops at once and loses it.');
  process.exitCode = 130;
  stop.abort();
});
try {
  await paper(process.argv.slice(2), { signal: stop.signal });
} catch (error) {
  if (!(error instanceof GauntletError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
