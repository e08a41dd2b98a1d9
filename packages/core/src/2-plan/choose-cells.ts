import { GauntletError } from '@gauntlet/api';
import type { Spec } from '../1-spec/spec.js';
import { chooseEngine } from '../engines/choose-engine.js';
import { type Cell, type CellChoice, makeCells } from './cells.js';

/**
 * The cells that a run is for, with every engine decided.
 * @throws GauntletError `no-cells`
 */
export async function chooseCells(spec: Spec, choice: CellChoice): Promise<Cell[]> {
  const cells = makeCells(await withEngines(spec), choice);
  if (cells.length === 0) throw new GauntletError('no-cells', noCells(spec, choice));
  return cells;
}

/** `auto` is decided once, so that all workers compute alike. */
async function withEngines(spec: Spec): Promise<Spec> {
  if (!spec.victims.some(({ engine }) => engine === 'auto')) return spec;
  const auto = await chooseEngine();
  const victims = spec.victims.map((victim) => ({
    ...victim,
    engine: victim.engine === 'auto' ? auto : victim.engine,
  }));
  return { ...spec, victims };
}

function noCells(spec: Spec, { grep, shard }: CellChoice): string {
  const left = makeCells(spec, { grep }).length;
  if (left === 0) return `No cell of ${spec.file} matches ${String(grep)}.`;
  if (shard) return `Shard ${shard.index} of ${shard.count} has no cell: there are ${left}.`;
  return `No cell of ${spec.file} is left to run.`;
}
