import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { repository } from './cli.js';

const script = path.join(repository, 'test/fixtures/model-server.mjs');

/** A model behind an address. On a thread of its own: tensors of the model and of a run would share a scope. */
export async function startModelServer(
  model: string,
): Promise<{ address: string; close: () => Promise<number> }> {
  const thread = new Worker(script, { argv: [model], stdout: true, execArgv: [] });
  const [port] = (await once(thread.stdout, 'data')) as [Buffer];
  return { address: `http://127.0.0.1:${String(port).trim()}`, close: () => thread.terminate() };
}
