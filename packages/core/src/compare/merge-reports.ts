import { GauntletError, type Report, worst } from '@gauntlet/api';

/**
 * The reports of all shards of one run as the report of a run in one piece: the same cells in the same order. Seconds
 * are those of the longest shard.
 * @throws GauntletError `merge` if they are not all shards of one run
 */
export function mergeReports(reports: readonly Report[]): Report {
  const parts = inOrder(reports);
  const [first] = parts;
  const longest = Math.max(...parts.map(({ cells }) => cells.length));
  // Shards take cells in turns.
  const cells = Array.from({ length: longest }, (_, i) =>
    parts.flatMap((part) => part.cells.slice(i, i + 1)),
  ).flat();
  const names = [...new Set(cells.map(({ victim }) => victim))];
  const victims = names.map((name) =>
    parts.flatMap((part) => part.victims).find((victim) => victim.name === name)!,
  );
  const { shard: _, difference: __, ...rest } = first;
  const executions = parts.map(({ execution }) => execution);
  return {
    ...rest,
    verdict: worst(parts.map(({ verdict }) => verdict)),
    interrupted: parts.some(({ interrupted }) => interrupted),
    victims,
    cells,
    execution: {
      ...first.execution,
      startedAt: executions.map(({ startedAt }) => startedAt).sort()[0],
      seconds: Math.max(...executions.map(({ seconds }) => seconds)),
      workers: executions.reduce((sum, { workers }) => sum + workers, 0),
      retries: executions.flatMap(({ retries }) => retries),
      reused: executions.reduce((sum, { reused }) => sum + reused, 0),
      reusedCells: executions.flatMap(({ reusedCells }) => reusedCells),
    },
  };
}

/** Shard 1, 2, …; an error if there is not exactly one of each, of one and the same run. */
function inOrder(reports: readonly Report[]): Report[] {
  const wrong = (message: string) => new GauntletError('merge', message);
  const [first] = reports;
  const count = first.shard?.count;
  if (count === undefined)
    throw wrong(`The run of ${first.spec} was not one of several shards (--shard 1/n, 2/n, …).`);
  for (const { seed, dataset, gauntlet, shard, yardstick } of reports) {
    if (shard?.count !== count)
      throw wrong(`One run is of ${count} shards, another of ${shard?.count ?? 1}.`);
    const same =
      seed === first.seed &&
      dataset.hash === first.dataset.hash &&
      gauntlet === first.gauntlet &&
      yardstick === first.yardstick;
    if (!same) throw wrong('The shards differ in seed, data or version: they are not parts of one run.');
  }
  const rules = reports.flatMap(({ cells }) => cells.map(({ threat: { also } }) => also));
  if (new Set(rules.map((also) => also && `${also.norm} ${also.epsilon}`)).size > 1)
    throw wrong('The shards differ in the threat model of the spec: they are not parts of one run.');
  return Array.from({ length: count }, (_, i) => {
    const found = reports.filter(({ shard }) => shard!.index === i + 1);
    if (found.length !== 1)
      throw wrong(`There are ${found.length} reports of shard ${i + 1} of ${count}; one of each is needed.`);
    return found[0];
  });
}
