import { loadPlugin, type PluginReference } from '../attacks/load-plugin.js';
import type { GoalSource } from '../attacks/criteria.js';
import type { Attack } from '../attacks/define-attack.js';
import { checkAgainst, type Complaint } from '../attacks/params.js';
import type { MetricName } from './metric-names.js';
import type { AttackEntry, CriterionEntry, Limit, Spec, SpecInput, SweepPoint } from './spec.js';

export type Path = readonly (string | number)[];

/** How what is wrong comes to be known, and how plugins are found. */
export interface Loading {
  /** The result, or nothing and a complaint at that place. */
  located: <T>(where: Path, work: () => T | Promise<T>) => Promise<T | undefined>;
  complain: (where: Path, complaints: readonly Complaint[]) => void;
  resolve: (use: string) => PluginReference;
}

/** As in a spec file, whatever the plugin. */
interface Written {
  use: string;
  name?: string;
  params?: Record<string, unknown>;
  sweep?: Record<string, number[]>;
  expect?: Record<string, Limit>;
  criterion?: SpecInput['attacks'][number]['criterion'];
}

/** Resolves, validates and defaults the attacks of a spec; one with a sweep becomes one for each value. */
export async function loadAttacks(
  given: SpecInput['attacks'],
  victims: Spec['victims'],
  loading: Loading,
): Promise<AttackEntry[]> {
  const lists: AttackEntry[][] = [];
  for (const [i, attack] of given.entries())
    lists.push(await loadAttack(attack as Written, ['attacks', i], victims, loading));
  return lists.flat();
}

async function loadAttack(
  { use, name = use, params = {}, sweep, expect = {}, criterion: goal }: Written,
  where: Path,
  victims: Spec['victims'],
  loading: Loading,
): Promise<AttackEntry[]> {
  let sound = true;
  const complain: Loading['complain'] = (at, complaints) => {
    if (complaints.length > 0) sound = false;
    loading.complain(at, complaints);
  };
  const problem = (at: Path, message: string) => complain(at, [{ path: [], message }]);
  const reference = await loading.located([...where, 'use'], () => loading.resolve(use));
  const plugin = reference && (await loading.located([...where, 'use'], () => loadPlugin(reference)));
  if (!plugin) return [];
  if (plugin.kind !== 'attack') {
    problem([...where, 'use'], `"${use}" is a ${plugin.kind}, not an attack.`);
    return [];
  }
  const goalSource = goal === undefined ? 'standard' : 'spec';
  const variants: { params: Record<string, unknown>; point?: Omit<SweepPoint, 'of'> }[] = sweep
    ? sweepParams(plugin, params, goalSource, sweep, where, complain)
    : [{ params }];
  if (!sweep) complain([...where, 'params'], checkParams(plugin, params, goalSource));
  if (goalSource === 'spec' && plugin.goals !== 'any')
    problem([...where, 'criterion'], `The attack ${plugin.name} pursues no goal but its own kind's and would not look at a criterion. Use an attack that works for any goal, or leave the criterion out.`); // prettier-ignore
  checkVictims('attack', plugin, victims, (message) => problem([...where, 'use'], message));
  const criterion = goal === undefined ? undefined : await loadCriterion(goal, [...where, 'criterion'], victims, { ...loading, complain }); // prettier-ignore
  if (!sound) return [];
  return variants.map(({ params, point }) => ({
    name: point ? `${name} ${point.param}=${point.value}` : name,
    use,
    plugin: { ...reference, name: plugin.name },
    version: plugin.version,
    usesGradients: plugin.usesGradients,
    params,
    threat: plugin.threat(params),
    criterion,
    expectations: Object.entries(expect).map(([metric, limit]) => ({ metric: metric as MetricName, ...limit })), // prettier-ignore
    ...(point && { sweep: { of: name, ...point } }),
  }));
}

/** Against the schema, and then by the attack itself; defaults are filled in. */
function checkParams(plugin: Attack, params: Record<string, unknown>, goalSource: GoalSource): Complaint[] {
  const complaints = checkAgainst(plugin.params, params);
  return complaints.length > 0 ? complaints : (plugin.complaints?.(params, { goalSource }) ?? []);
}

/** The parameters at each value of a sweep. */
function sweepParams(
  plugin: Attack,
  params: Record<string, unknown>,
  goalSource: GoalSource,
  sweep: Record<string, number[]>,
  where: Path,
  complain: Loading['complain'],
) {
  const [[param, values]] = Object.entries(sweep);
  if (param in params) complain([...where, 'params'], [{ path: [], key: param, message: `"${param}" is swept over; leave it out of the params.` }]); // prettier-ignore
  return [...values]
    .sort((a, b) => a - b)
    .map((value) => {
      const variant: Record<string, unknown> = { ...structuredClone(params), [param]: value };
      const complaints = checkParams(plugin, variant, goalSource);
      const swept = complaints.filter(({ path, key }) => path[0] === param || key === param);
      complain([...where, 'sweep'], swept.map((one) => ({ ...one, path: [], key: param }))); // prettier-ignore
      // What is wrong with the other parameters is wrong at every value: said once.
      if (value === Math.min(...values)) complain([...where, 'params'], complaints.filter((one) => !swept.includes(one))); // prettier-ignore
      return { params: variant, point: { param, value } };
    });
}

async function loadCriterion(
  given: string | { use: string; params?: Record<string, unknown> },
  where: Path,
  victims: Spec['victims'],
  { located, complain, resolve }: Loading,
): Promise<CriterionEntry | undefined> {
  const { use, params = {} } = typeof given === 'string' ? { use: given } : given;
  const reference = await located(where, () => resolve(use));
  const plugin = reference && (await located(where, () => loadPlugin(reference)));
  if (!plugin) return undefined;
  if (plugin.kind !== 'criterion') {
    complain(where, [{ path: [], message: `"${use}" is no criterion but of the kind "${plugin.kind}".` }]);
    return undefined;
  }
  complain(where, checkAgainst(plugin.params, params).map((complaint) => ({ ...complaint, path: ['params', ...complaint.path] }))); // prettier-ignore
  checkVictims('criterion', plugin, victims, (message) => complain(where, [{ path: [], message }]));
  return { use, plugin: { ...reference, name: plugin.name }, version: plugin.version, params };
}

function checkVictims(
  what: 'attack' | 'criterion',
  plugin: Pick<Attack, 'name' | 'victim'>,
  victims: Spec['victims'],
  problem: (message: string) => void,
): void {
  for (const victim of victims) {
    if (plugin.victim !== 'any' && plugin.victim !== victim.kind) {
      problem(
        `The ${what} ${plugin.name} is for a victim of kind "${plugin.victim}"; ${victim.name} is of kind "${victim.kind}".`,
      );
    }
  }
}
