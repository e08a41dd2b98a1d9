import { createServer, type Server } from 'node:http';
import { GauntletError, reasonOf } from '@gauntlet/api';

/** What a worker counts, for Prometheus. */
export interface Counters {
  slots: number;
  busy: number;
  connected: boolean;
  /** Chunks by how they ended. */
  chunks: Record<'done' | 'failed' | 'returned' | 'refused', number>;
  samples: number;
  /** Seconds that chunks took, the way from and to the queue aside. */
  seconds: number;
}

/** The text format of Prometheus, version 0.0.4. */
export function metricsText({ slots, busy, connected, chunks, samples, seconds }: Counters): string {
  const lines = (name: string, type: string, help: string, values: (readonly [string, number])[]) => [
    `# HELP gauntlet_worker_${name} ${help}`,
    `# TYPE gauntlet_worker_${name} ${type}`,
    ...values.map(([labels, value]) => `gauntlet_worker_${name}${labels} ${value}`),
  ];
  const ends = Object.entries(chunks).map(([end, n]) => [`{end="${end}"}`, n] as const);
  return [
    ...lines('slots', 'gauge', 'Worker processes.', [['', slots]]),
    ...lines('busy', 'gauge', 'Worker processes that have a chunk.', [['', busy]]),
    ...lines('connected', 'gauge', 'Whether the queue can be reached.', [['', Number(connected)]]),
    ...lines('chunks_total', 'counter', 'Chunks by how they ended.', ends),
    ...lines('samples_total', 'counter', 'Samples of the chunks that were done.', [['', samples]]),
    ...lines('chunk_seconds_total', 'counter', 'Seconds that chunks took.', [['', seconds]]),
    '',
  ].join('\n');
}

/** Serves the counters on a port, on all addresses as scrapers expect it. */
export async function serveMetrics(port: number, counters: Counters): Promise<Server> {
  const server = createServer((request, response) => {
    const found = request.url === '/metrics';
    response.writeHead(found ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(found ? metricsText(counters) : 'The metrics are at /metrics.\n');
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, resolve);
    });
  } catch (error) {
    throw new GauntletError('usage', `--metrics-port ${port} cannot be used: ${reasonOf(error)}.`);
  }
  server.unref();
  return server;
}
