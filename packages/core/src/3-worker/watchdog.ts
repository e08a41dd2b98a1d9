import { Worker } from 'node:worker_threads';

/**
 * Ends this process when the one that started it is gone, whatever this one is busy with: an attack's endless loop does
 * not let the event loop hear that the channel was closed. The thread looks once a second, and keeps nothing alive.
 */
const script = `
const parent = Number(process.env.GAUNTLET_HOST);
const isThere = () => {
  try {
    return process.kill(parent, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
};
const first = process.ppid;
setInterval(() => {
  if (process.ppid !== first || !isThere()) process.kill(process.pid, 'SIGKILL');
}, 1000);
`;

/** @param host Process id of the one that waits for results. */
export function watchHost(host: number): void {
  const thread = new Worker(script, { eval: true, env: { GAUNTLET_HOST: String(host) }, execArgv: [] });
  thread.unref();
  // Without a thread to spare, the closed channel alone has to do.
  thread.on('error', () => {});
}
