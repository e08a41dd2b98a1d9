import type { RunEvent } from '@gauntlet/api';
import type { Spec } from '../1-spec/spec.js';
import { assertFeatures } from '../1-spec/spec-threat.js';
import type { Probes } from '../3-worker/probes.js';
import { runDefaults, type RunOptions } from '../run-options.js';
import { CellCache, type Extras } from '../store/cache.js';
import { journalFile, readJournal } from '../store/journal.js';
import { cellKeys } from './cell-keys.js';
import { type Cell, makeCells } from './cells.js';
import { type Inspect, inspector } from './inspect-inputs.js';
import { openCells, type Progress } from './open-cells.js';
import { type Chunk, memoryPerWorker, planChunks } from './plan-chunks.js';
import { type TakenExamples, takeExamples, takes } from './take-examples.js';
import { takeFromJournal } from './take-from-journal.js';

/** What there is to do, and what is there already. */
export interface Plan {
  progress: Progress[];
  queue: Chunk[];
  cache: CellCache;
  /** Outcomes taken from the journal of an interrupted run. */
  resumed: number;
  notes: string[];
  inspect: Inspect;
}

/** Cells → keys → what the journal and the cache have under them → chunks for the rest. */
export async function planRun(
  spec: Spec,
  cells: readonly Cell[],
  probes: Probes,
  workers: number,
  options: RunOptions,
): Promise<Plan> {
  const { output, images, traces = 0, force = false, batchSize = runDefaults.batchSize } = options;
  for (const { attack, victim } of cells)
    assertFeatures(attack.threat.features ?? {}, sizeOf(probes.get(victim.name)!.dataset.imageShape));
  const cache = new CellCache(output);
  const keeping = new Set<Cell>();
  for (const cell of cells) if (spec.reuse === 'examples' && (await takes(cell))) keeping.add(cell);
  const most = images ? (images.most ?? Infinity) : 0;
  const wantedOf = (cell: Cell): Extras => ({ images: keeping.has(cell) ? Infinity : most, traces });
  const { dataset } = probes.get(cells[0].victim.name)!;
  const plain = cellKeys(cells, probes, spec);
  const taken =
    options.baseline && spec.reuse !== 'none' ? await takeExamples(cells, probes, options.baseline) : nothing;
  // What an unchanged cell came to without examples needs none.
  const isThere = (cell: Cell) =>
    !force && cache.read(cell.id, plain.keys.get(cell)!, dataset.indices, wantedOf(cell));
  const examples = new Map([...taken.examples].filter(([cell]) => !isThere(cell)));
  const { keys, unseen, codes } = examples.size > 0 ? cellKeys(cells, probes, spec, examples) : plain;
  const file = journalFile(output);
  const { lines, damaged } = options.resume ? readJournal(file) : { lines: [], damaged: 0 };
  const lasting = new Map([...keys].filter(([cell]) => !unseen.has(cell)));
  const { finished, note } = takeFromJournal(file, lines, lasting, makeCells(spec));
  const context = { force, wantedOf, unseen, examples, keeping };
  const progress = openCells(keys, dataset.indices, finished, cache, context);
  const queue = await planChunks(progress, ({ victim }) => probes.get(victim.name)!.victim, {
    workers: Math.max(1, workers),
    batchSize,
    memory: memoryPerWorker(workers),
  });
  const resumed = progress.reduce((sum, { outcomes, reused }) => sum + (reused ? 0 : outcomes.size), 0);
  const broken = `${damaged} line${damaged === 1 ? '' : 's'} of ${file} cannot be read any more; what they held is done again.`;
  const notes = [...unseenNotes(unseen), ...taken.notes, note, damaged > 0 && broken, ...cache.notes];
  const inspect = inspector(probes, codes);
  return {
    progress,
    queue,
    inspect,
    cache,
    resumed,
    notes: notes.filter((one) => typeof one === 'string'),
  };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

const nothing: TakenExamples = { examples: new Map(), notes: [] };

function unseenNotes(unseen: ReadonlyMap<Cell, string>): string[] {
  const places = new Map<string, string[]>();
  for (const [{ id }, place] of unseen) places.set(place, [...(places.get(place) ?? []), id]);
  return [...places].map(
    ([place, ids]) =>
      `${ids.join(', ')}: done anew by every run, since a plugin takes in what cannot be known before (${place}).`,
  );
}

/** What a run says before it begins. */
export function* announce(spec: Spec, plan: Plan, probes: Probes, workers: number): Generator<RunEvent> {
  const cells = plan.progress.map(({ cell, indices, outcomes }) => ({
    id: cell.id,
    samples: indices.length,
    reused: outcomes.size,
  }));
  const victims = spec.victims.map(({ name, kind, bounds }) => ({ name, kind, bounds }));
  yield { type: 'run-started', spec: spec.file, victims, workers, cells };
  for (const [name, { victim }] of probes)
    for (const note of victim.notes) yield { type: 'note', message: `${name}: ${note}` };
  if (plan.resumed > 0)
    yield { type: 'note', message: `${plan.resumed} outcomes are taken from the journal of the run before.` };
  for (const message of plan.notes) yield { type: 'note', message };
}
