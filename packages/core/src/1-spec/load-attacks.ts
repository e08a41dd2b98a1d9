import {
  type Attack,
  type Complaint,
  type CriterionPlugin,
  didYouMean,
  type GoalSource,
  type Limit,
  type PluginKind,
  type PluginKinds,
  type SweepPoint,
  type ThreatModel,
  victimKinds,
} from '@gauntlet/api';
import type { PluginReference } from '../plugins/load-plugin.js';
import { threatOf } from '../plugins/threat-of.js';
import { checkAgainst } from './check-params.js';
import { readFractions } from './fractions.js';
import { checkVictims, goalComplaints } from './for-victims.js';
import { nameApart } from './name-apart.js';
import { bySpec, featureComplaints } from './spec-threat.js';
import type { AttackEntry, CriterionEntry, Spec, SpecInput, SpecThreat } from './spec.js';

export type Path = readonly (string | number)[];

/** How what is wrong comes to be known, and how plugins are found. */
export interface Loading {
  /** The result, or nothing and a complaint at that place. */
  located: <T>(where: Path, work: () => T | Promise<T>) => Promise<T | undefined>;
  complain: (where: Path, complaints: readonly Complaint[]) => void;
  /** A plugin by what the spec calls it, and where it is; nothing and a complaint if there is none of that kind. */
  find: <K extends PluginKind>(kind: K, use: string, where: Path) => Promise<Found<K> | undefined>;
}

export interface Found<K extends PluginKind> {
  plugin: PluginKinds[K];
  reference: PluginReference;
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
  { attacks, threat }: Pick<SpecInput, 'attacks' | 'threat'>,
  victims: Spec['victims'],
  metrics: readonly string[],
  loading: Loading,
): Promise<AttackEntry[]> {
  const lists: AttackEntry[][] = [];
  for (const [i, attack] of attacks.entries())
    lists.push(await loadAttack(attack as Written, ['attacks', i], victims, { threat, metrics }, loading));
  const names = nameApart(
    lists.filter((list, i) => attacks[i].name === undefined && !list.some(({ sweep }) => sweep)).flat(),
  );
  return lists.flat().map((entry) => ({ ...entry, name: names.get(entry) ?? entry.name }));
}

async function loadAttack(
  { use, name = use, params: written = {}, sweep, expect = {}, criterion: stated }: Written,
  where: Path,
  victims: Spec['victims'],
  { threat: given, metrics }: { threat?: SpecThreat; metrics: readonly string[] },
  loading: Loading,
): Promise<AttackEntry[]> {
  let sound = true;
  const complain: Loading['complain'] = (at, complaints) => {
    if (complaints.length > 0) sound = false;
    loading.complain(at, complaints);
  };
  const problem = (at: Path, message: string) => complain(at, [{ path: [], message }]);
  const found = await loading.find('attack', use, [...where, 'use']);
  if (!found) return [];
  const { plugin, reference } = found;
  const multiLabel = victims.some((victim) => victim.multiLabel);
  const goal = stated ?? (multiLabel ? 'any-label' : undefined);
  const params = readFractions(plugin.params, written) as Record<string, unknown>;
  complain([...where, 'expect'], unknownMetrics(expect, metrics));
  const goalSource = goal === undefined ? 'standard' : 'spec';
  const variants: { params: Record<string, unknown>; point?: Omit<SweepPoint, 'of'> }[] = sweep
    ? sweepParams(plugin, params, goalSource, sweep, where, complain)
    : [{ params }];
  if (!sweep) complain([...where, 'params'], checkParams(plugin, params, goalSource));
  if (goalSource === 'spec' && plugin.goals !== 'any')
    problem(
      [...where, stated === undefined ? 'use' : 'criterion'],
      multiLabel
        ? `The attack ${plugin.name} goes by one class for each image, and a victim is multi-label. Use an attack that works for any goal: pgd, apgd, minmax, square, standard, ….`
        : `The attack ${plugin.name} pursues no goal but its own kind's and would not look at a criterion. Use an attack that works for any goal, or leave the criterion out.`,
    );
  checkVictims('attack', plugin, victims, (message) => problem([...where, 'use'], message));
  complain([...where, 'use'], goalComplaints(plugin, goalSource, victims));
  const criterion =
    goal === undefined
      ? undefined
      : await loadCriterion(goal, [...where, 'criterion'], victims, { ...loading, complain });
  if (!sound) return [];
  const threats = await loading.located([...where, 'use'], () =>
    variants.map(({ params }) => ({ ...threatOf(plugin, params, reference.url), ...bySpec(given) })),
  );
  if (!threats) return [];
  for (const message of featureComplaints(plugin, given, victims)) problem(['threat'], message);
  checkThreats(threats, (message) => problem(where, message));
  if (threats.some(({ kind }) => (kind === 'corruption') !== (plugin.corruption !== undefined)))
    problem(
      [...where, 'use'],
      `The attack ${plugin.name} has ${plugin.corruption ? 'a "corruption" and a threat model of another kind' : 'a threat model of kind "corruption" and no "corruption"'}: the referee would not know what to hold its images to. Look for a newer version of it.`,
    );
  const classless = victims.find(({ kind, multiLabel }) => !victimKinds[kind].hasClasses || multiLabel);
  if (classless && threats.some(({ target }) => target !== undefined && target !== null))
    problem(
      [...where, 'params'],
      `"target" names a class, and ${classless.name} is ${classless.multiLabel ? 'multi-label: its labels do not exclude one another' : `${victimKinds[classless.kind].called}, which has none`}. Leave it out.`,
    );
  return variants.map(({ params, point }, i) => ({
    name: point ? `${name} ${point.param}=${point.value}` : name,
    use,
    plugin: reference,
    version: plugin.version,
    usesGradients: plugin.usesGradients,
    params,
    threat: threats[i],
    criterion,
    expectations: Object.entries(expect).map(([metric, limit]) => ({ metric, ...limit })),
    ...(point && { sweep: { of: name, ...point } }),
  }));
}

const unknownMetrics = (expect: object, known: readonly string[]): Complaint[] =>
  Object.keys(expect)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: [],
      key: name,
      message: `There is no metric "${name}".${didYouMean(name, known) || ` Known: ${known.join(', ')}.`}`,
    }));

/** An attack that is allowed more than the spec allows would be inconclusive at best. Other norms show that only by the sample. */
function checkThreats(threats: readonly ThreatModel[], problem: (message: string) => void): void {
  const beyond = threats.find(({ norm, epsilon, also }) => norm === also?.norm && epsilon > also.epsilon);
  if (beyond)
    problem(
      `The attack may go to ${beyond.norm} ${beyond.epsilon}, the spec's threat model ends at ${beyond.norm} ${beyond.also!.epsilon}. Give the attack an "epsilon" of at most ${beyond.also!.epsilon}.`,
    );
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
  if (param in params)
    complain(
      [...where, 'params'],
      [{ path: [], key: param, message: `"${param}" is swept over; leave it out of the params.` }],
    );
  return [...values]
    .sort((a, b) => a - b)
    .map((value) => {
      const variant: Record<string, unknown> = { ...structuredClone(params), [param]: value };
      const complaints = checkParams(plugin, variant, goalSource);
      const swept = complaints.filter(({ path, key }) => path[0] === param || key === param);
      complain(
        [...where, 'sweep'],
        swept.map((one) => ({ ...one, path: [], key: param })),
      );
      // What is wrong with the other parameters is wrong at every value: said once.
      if (value === Math.min(...values))
        complain(
          [...where, 'params'],
          complaints.filter((one) => !swept.includes(one)),
        );
      return { params: variant, point: { param, value } };
    });
}

async function loadCriterion(
  given: string | { use: string; params?: Record<string, unknown> },
  where: Path,
  victims: Spec['victims'],
  { find, complain }: Loading,
): Promise<CriterionEntry | undefined> {
  const { use, params = {} } = typeof given === 'string' ? { use: given } : given;
  const found = await find('criterion', use, where);
  if (!found) return undefined;
  const { plugin, reference } = found;
  complain(
    where,
    checkAgainst(plugin.params, params).map((complaint) => ({
      ...complaint,
      path: ['params', ...complaint.path],
    })),
  );
  const problem = (message: string) => complain(where, [{ path: [], message }]);
  checkVictims('criterion', plugin, victims, problem);
  checkLabels(plugin, victims, problem);
  return { use, plugin: reference, version: plugin.version, params };
}

/** A criterion of decisions on several labels is for victims that make them, and one of a class for those that give one. */
function checkLabels(
  { name, multiLabel = false, victim }: Pick<CriterionPlugin, 'name' | 'multiLabel' | 'victim'>,
  victims: Spec['victims'],
  problem: (message: string) => void,
): void {
  for (const one of victims) {
    if (multiLabel && !one.multiLabel)
      problem(
        `The criterion ${name} judges the decisions of a multi-label victim, and ${one.name} gives one class. Leave the criterion out, or write multiLabel: true for the victim.`,
      );
    if (!multiLabel && one.multiLabel && victim === 'classifier')
      problem(
        `The criterion ${name} goes by one class for each image, and ${one.name} is multi-label. Write criterion: any-label, or hamming.`,
      );
  }
}
