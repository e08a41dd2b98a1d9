import { GauntletError, type Report, worst } from '@gauntlet/api';
import { judgeTogether } from '../4-judge/judge-cell.js';
import { judgeWorstCase } from '../4-judge/worst-case.js';
import { checkShards, type Part } from './check-shards.js';

/**
 * The reports of all shards of one run as the report of a run in one piece: the same cells in the same order. Seconds
 * are those of the longest shard.
 * @throws GauntletError `merge` if they are not all shards of one run
 */
export function mergeReports(parts: readonly Part[]): Report {
  if (parts.length === 0) throw new GauntletError('merge', 'There is no report to put together.');
  const shards = checkShards(parts);
  const [first] = shards;
  const found = new Map(shards.flatMap(({ cells }) => cells).map((cell) => [cell.id, cell]));
  const alone = first.shard!.cells.map((id) => found.get(id)!);
  const names = [...new Set(alone.map(({ victim }) => victim))];
  const victims = names.map((name) => {
    const seen = shards.flatMap((shard) => shard.victims).filter((victim) => victim.name === name);
    // A shard without gradient attacks has not looked at gradients.
    return seen.find(({ examination }) => examination?.slopes) ?? seen[0];
  });
  const cells = judgeTogether(alone, victims, first);
  const worstCases = (first.worstCases ?? []).map((one) => judgeWorstCase(one, cells, victims, first));
  const { shard: _, difference: __, ...rest } = first;
  const executions = shards.map(({ execution }) => execution);
  return {
    ...rest,
    verdict: worst([...cells, ...worstCases].map(({ verdict }) => verdict)),
    interrupted: shards.some(({ interrupted }) => interrupted),
    victims,
    cells,
    ...(first.worstCases && { worstCases }),
    execution: {
      ...first.execution,
      startedAt: executions.map(({ startedAt }) => startedAt).sort()[0],
      seconds: Math.max(...executions.map(({ seconds }) => seconds)),
      workers: executions.reduce((sum, { workers }) => sum + workers, 0),
      retries: executions.flatMap(({ retries }) => retries),
      reused: executions.reduce((sum, { reused }) => sum + reused, 0),
      reusedCells: executions.flatMap(({ reusedCells }) => reusedCells),
      checks: {
        seconds: executions.reduce((sum, { checks }) => sum + (checks?.seconds ?? 0), 0),
        attacks: executions.reduce((sum, { checks }) => sum + (checks?.attacks ?? 0), 0),
      },
    },
  };
}
