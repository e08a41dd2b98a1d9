// A worker that says of everything that it was broken: node tampering-worker.mjs redis://…
import { inProcessHost } from '../../packages/core/dist/index.js';
import { readAddress, serve } from '../../packages/queue/dist/index.js';

const [url, cache] = process.argv.slice(2);
const honest = inProcessHost();
const host = {
  close: () => honest.close(),
  async run(task, signal) {
    const result = await honest.run(task, signal);
    return { ...result, outcomes: result.outcomes.map((one) => ({ ...one, status: 'broken' })) };
  },
};
const end = new AbortController();
process.on('SIGTERM', () => end.abort());
await serve(readAddress(url, process.env), {
  ...{ host, slots: 1, cache, allowPlugins: false, packages: [import.meta.dirname], lock: 30, reconnect: 60 },
  env: {},
  signal: end.signal,
  say: () => {},
});
