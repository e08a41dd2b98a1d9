import { defaultWorkers } from '../engines/devices.js';
import { chooseCells } from '../plan/choose-cells.js';
import type { Spec } from '../spec/spec.js';
import { EventQueue } from './event-queue.js';
import type { RunEvent } from './events.js';
import { inProcessHost } from './in-process-host.js';
import { judgeCell, judgeRun } from './judge-run.js';
import type { Progress } from './open-cells.js';
import { makeOutputFolder } from './output-folder.js';
import { announce, planRun } from './plan-run.js';
import { poolHost } from './pool-host.js';
import { probeVictims } from './probe-victims.js';
import { runDefaults, type RunOptions } from './run-options.js';
import { runQueue } from './run-queue.js';

/** Runs a spec. Consume the events to the end; the last one is `run-done` with the report. */
export function run(spec: Spec, options: RunOptions): AsyncIterable<RunEvent> {
  const queue = new EventQueue<RunEvent>();
  execute(spec, options, (event) => queue.push(event)).then(
    () => queue.end(),
    (error: unknown) => queue.fail(error),
  );
  return queue;
}

/** Open the victims → plan → run the queue → judge. */
async function execute(spec: Spec, options: RunOptions, emit: (event: RunEvent) => void): Promise<void> {
  const startedAt = new Date();
  const cells = await chooseCells(spec, options);
  makeOutputFolder(options.output);
  const workers = options.workers ?? defaultWorkers(cells.map(({ victim }) => victim.engine));
  const host = options.host ?? (workers === 0 ? inProcessHost() : poolHost(workers));
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])]);
  try {
    const { timeout = runDefaults.timeout, yardstick } = options;
    const probes = await probeVictims(spec, cells, host, { timeout, signal, yardstick });

    const plan = await planRun(spec, cells, probes, workers, options);
    for (const event of announce(spec, plan, probes, workers)) emit(event);

    let notPassed = 0;
    const onCellDone = (item: Progress) => {
      item.report = judgeCell(item, spec, plan, emit);
      if (item.report.verdict !== 'pass' && ++notPassed === options.bail) stop.abort();
    };
    plan.progress.filter(({ openChunks }) => openChunks === 0).forEach(onCellDone);
    const context = { spec, options, host, workers, stop, signal, emit, onCellDone };
    const retries = await runQueue(plan.queue, context);

    // Of a run that was stopped, what is there.
    plan.progress.filter(({ report }) => !report).forEach(onCellDone);
    plan.cache.clean();
    const report = judgeRun(spec, plan, probes, options, { startedAt, workers, retries });
    emit({ type: 'run-done', report });
  } finally {
    if (!options.host) await host.close();
  }
}
