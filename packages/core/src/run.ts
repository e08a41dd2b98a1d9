import { reasonOf, type RunEvent } from '@gauntlet/api';
import type { Spec } from './1-spec/spec.js';
import { chooseCells } from './2-plan/choose-cells.js';
import type { Progress } from './2-plan/open-cells.js';
import { announce, type Plan, planRun } from './2-plan/plan-run.js';
import { compareWith } from './compare/baseline.js';
import { EventQueue } from './3-run/event-queue.js';
import { inProcessHost } from './3-run/in-process-host.js';
import { poolHost } from './3-run/pool-host.js';
import { probeVictims } from './3-run/probe-victims.js';
import { stopEarly } from './3-run/stop-early.js';
import { runQueue } from './3-run/run-queue.js';
import { finishCell, judgeRun } from './4-judge/judge-run.js';
import { openMetrics } from './4-judge/open-metrics.js';
import { defaultWorkers } from './engines/devices.js';
import { noteSpec } from './store/spec-of-run.js';
import { runDefaults, type RunOptions } from './run-options.js';
import { lockFolder } from './store/lock.js';
import { makeOutputFolder, removeParts } from './store/output-folder.js';

/** Runs a spec. Consume the events to the end; the last one is `run-done` with the report. */
export function run(spec: Spec, options: RunOptions): AsyncIterable<RunEvent> {
  const queue = new EventQueue<RunEvent>();
  execute(spec, options, (event) => queue.push(event)).then(
    () => queue.end(),
    (error: unknown) => queue.fail(error),
  );
  return queue;
}

function tidyCache({ cache }: Plan, emit: (event: RunEvent) => void): void {
  try {
    cache.clean();
  } catch (error) {
    emit({ type: 'note', message: `Cells of old runs cannot be removed: ${reasonOf(error)}` });
  }
}

/** Open the victims → plan → run the queue → judge. */
async function execute(spec: Spec, options: RunOptions, emit: (event: RunEvent) => void): Promise<void> {
  const startedAt = new Date();
  const cells = await chooseCells(spec, options);
  const measures = await openMetrics(spec.metrics);
  makeOutputFolder(options.output);
  // Rate and number of requests to an address are counted by worker.
  const remote = cells.some(({ victim }) => victim.source?.remote);
  const workers = options.workers ?? (remote ? 1 : defaultWorkers(cells.map(({ victim }) => victim)));
  const host = options.host ?? (workers === 0 ? inProcessHost() : poolHost(workers, options.firstWorker));
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])]);
  let unlock: (() => void) | undefined;
  try {
    unlock = lockFolder(options.output);
    removeParts(options.output);
    noteSpec(options.output, spec.file);
    const { timeout = runDefaults.timeout } = options;
    const probes = await probeVictims(spec, cells, host, { timeout, signal });

    const plan = await planRun(spec, cells, probes, workers, options);
    for (const event of announce(spec, plan, probes, workers)) emit(event);

    plan.progress.forEach((item) => stopEarly(item, plan.queue));
    let notPassed = 0;
    const onCellDone = (item: Progress) => {
      item.report = finishCell(item, spec, measures, probes, plan, emit);
      const { verdict } = item.report;
      if (verdict !== 'pass' && verdict !== 'measured' && ++notPassed === options.bail) stop.abort();
    };
    plan.progress.filter(({ openChunks }) => openChunks === 0).forEach(onCellDone);
    const context = {
      spec,
      options,
      host,
      workers,
      stop,
      signal,
      emit,
      onCellDone,
      inspect: plan.inspect,
      probes,
      renewals: { count: 0 },
    };
    const retries = await runQueue(plan.queue, context);

    // Of a run that was stopped, what is there.
    plan.progress.filter(({ report }) => !report).forEach(onCellDone);
    tidyCache(plan, emit);
    const report = judgeRun(spec, plan, probes, options, { startedAt, workers, retries });
    const { baseline } = options;
    emit({ type: 'run-done', report: baseline ? compareWith(report, baseline, options) : report });
  } finally {
    if (!options.host) await host.close();
    // Only now nobody writes any more; a worker that died in the middle of an image has left a part of it.
    if (unlock) removeParts(options.output);
    unlock?.();
  }
}
