import path from 'node:path';
import { type Complaint, didYouMean, GauntletError } from '@gauntlet/api';
import { loadPlugin } from '../plugins/load-plugin.js';
import { type BuiltIn, resolvePlugin } from '../plugins/resolve-plugin.js';
import { checkAgainst, checkSchema } from './check-params.js';
import { readFractions } from './fractions.js';
import { checkEarly, decideEarly } from './early.js';
import { loadAttacks, type Loading, type Path } from './load-attacks.js';
import { datasetConfig, datasetName, findFile } from './load-dataset.js';
import { engineOfCommand } from './load-engine.js';
import { loadEstimator } from './load-estimator.js';
import { loadMetrics } from './load-metrics.js';
import { loadVictim } from './load-victim.js';
import { loadWorstCases } from './load-worst-cases.js';
import { victimNames } from './victim-names.js';
import { parseSpecFile } from './parse-spec-file.js';
import { partOfSchema } from './part-of-schema.js';
import { shareConfidence } from './share-confidence.js';
import { specSchema } from './spec-schema.js';
import type { DatasetInput, RetrainConfig, RetrainInput, Spec, SpecInput } from './spec.js';

export interface LoadOptions {
  /** Short names of plugins, e.g. `pgd` for an attack. */
  builtIn: BuiltIn;
  /** A folder whose packages a spec may name besides those it finds from its own. */
  packages?: string;
  /** These replace what the spec says. */
  seed?: number;
  engine?: string;
  /** Files in place of the models that the spec names, by the names of victims. */
  models?: Readonly<Record<string, string>>;
  /** What a path in `engine` is relative to; the current folder by default. */
  engineFolder?: string;
}

/** Several problems of one spec, reported together. */
export class SpecError extends GauntletError {
  readonly problems: readonly GauntletError[];

  constructor(problems: readonly GauntletError[]) {
    super(problems[0].code, problems[0].message, { place: problems[0].place });
    this.problems = problems;
  }

  override toString(): string {
    return this.problems.map((problem) => GauntletError.prototype.toString.call(problem)).join('\n');
  }
}

/** From a file to a Spec, or to everything that is wrong with it. */
export async function loadSpec(file: string, options: LoadOptions): Promise<Spec> {
  const absolute = path.resolve(file);
  const parsed = await parseSpecFile(absolute);
  const problems: GauntletError[] = [];
  const complain = (where: Path, complaints: readonly Complaint[]) => {
    for (const { path: inner, message, key } of complaints) {
      problems.push(
        new GauntletError('spec-invalid', message, { place: parsed.placeOf([...where, ...inner], key) }),
      );
    }
  };
  const problem = (where: Path, message: string) => complain(where, [{ path: [], message }]);

  const value = readFractions(specSchema, parsed.value);
  complain([], checkAgainst(partOfSchema(specSchema, value), value));
  if (problems.length > 0) throw new SpecError(problems);
  const input = shareConfidence(value as SpecInput);
  const folder = path.dirname(absolute);

  if ((input.victim === undefined) === (input.victims === undefined)) {
    problem([], 'A spec has either "victim" or "victims".');
  }
  const at = (where: Path, given: string) =>
    findFile(given, folder, options.packages) ??
    (problem(where, `There is no file ${path.resolve(folder, given)}.`), given);

  const located = async <T>(where: Path, work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GauntletError)) throw error;
      problems.push(new GauntletError(error.code, error.message, { place: parsed.placeOf(where) }));
      return undefined;
    }
  };
  const places = { builtIn: options.builtIn, folder, packages: options.packages };
  const find: Loading['find'] = (kind, use, where) =>
    located(where, async () => {
      const reference = resolvePlugin(kind, use, places);
      const plugin = await loadPlugin(kind, reference);
      checkSchema(plugin);
      return { plugin, reference: { ...reference, name: plugin.name } };
    });
  const loading = { located, complain, find };
  const engine =
    options.engine === undefined
      ? undefined
      : await engineOfCommand(options.engine, { ...places, folder: options.engineFolder ?? process.cwd() });
  const given = input.victims ?? (input.victim ? [input.victim] : []);
  const placeOf = (i: number): Path => (input.victims ? ['victims', i] : ['victim']);
  const victims: Spec['victims'] = [];
  const nameOf = victimNames(absolute, given.length > 1);
  for (const [i, victim] of given.entries())
    victims.push(
      await loadVictim(victim, placeOf(i), {
        ...loading,
        at,
        models: options.models ?? {},
        nameOf,
        places,
        engine,
      }),
    );
  unique(
    victims.map(({ name }) => name),
    (i) => problem(['victims', i], `There are two victims of this name. Give them different names.`),
  );
  const openDataset = async (given: DatasetInput, where: Path) => {
    const dataset = await located(where, () =>
      datasetConfig(
        given,
        (key, file) => at([...where, key], file),
        (use) => resolvePlugin('dataset', use, places),
      ),
    );
    if (dataset?.format === 'plugin') {
      const plugin = await located([...where, 'use'], () => loadPlugin('dataset', dataset.plugin));
      if (plugin) complain([...where, 'params'], checkAgainst(plugin.params, dataset.params));
    }
    return dataset;
  };
  const dataset = await openDataset(input.dataset, ['dataset']);

  const metrics = await loadMetrics(input.metrics, options.builtIn, loading);
  const attacks = await loadAttacks(
    input,
    victims,
    metrics.map(({ name }) => name),
    loading,
  );
  unique(
    attacks.map(({ name }) => name),
    (i) =>
      problem(['attacks', i], `Two attacks are called "${attacks[i].name}". Give one a "name" of its own.`),
  );
  victims.forEach(({ source, gradients }, i) => {
    const blind = source?.remote && gradients !== 'estimated';
    const names = attacks.filter(({ usesGradients }) => blind && usesGradients).map(({ name }) => name);
    if (names.length > 0)
      problem(
        placeOf(i),
        `${names.join(', ')}: a model over HTTP has no gradients. Attack it with square or hop-skip-jump, or write gradients: estimated.`,
      );
  });
  // Of attacks that are wrong the threat models are not known.
  const worstCases =
    problems.length > 0
      ? []
      : given.flatMap((victim, i) => loadWorstCases(victim, victims[i].name, attacks, placeOf(i), complain));
  if (input.gate === 'early' && problems.length === 0)
    checkEarly(attacks, worstCases, (message) => problem(['gate'], message));
  if (problems.length === 0) checkIds(victims, attacks, (i, message) => problem(['victims', i], message));
  const estimator = await loadEstimator(input.estimator, options.builtIn, loading);
  let retrain: RetrainConfig | undefined;
  if (input.retrain) {
    const { test, expect = {}, ...rest } = input.retrain as Required<RetrainInput>;
    const known = attacks.map(({ name }) => name);
    for (const name of Object.keys(expect)) {
      if (!known.includes(name))
        complain(
          ['retrain', 'expect'],
          [
            {
              path: [],
              key: name,
              message: `There is no attack "${name}" to retrain with.${didYouMean(name, known)}`,
            },
          ],
        );
    }
    const config = await openDataset(test, ['retrain', 'test']);
    if (config) retrain = { ...rest, test: config, expectations: expect };
  }
  if (problems.length > 0) throw new SpecError(problems);
  return {
    file: absolute,
    seed: options.seed ?? input.seed ?? 0,
    maxUnassessed: input.maxUnassessed ?? 0,
    strict: input.strict ?? true,
    ...(input.reuse && { reuse: input.reuse }),
    victims,
    dataset: dataset!,
    datasetName: datasetName(input.dataset),
    attacks: input.gate === 'early' ? attacks.map(decideEarly) : attacks,
    worstCases,
    estimator,
    metrics,
    retrain,
  };
}

function unique(names: readonly string[], problem: (position: number) => void): void {
  names.forEach((name, i) => {
    if (names.indexOf(name) < i) problem(i);
  });
}

/** A cell is known by its victim's and its attack's name with a slash between them, and either may have one of its own. */
function checkIds(
  victims: Spec['victims'],
  attacks: Spec['attacks'],
  problem: (victim: number, message: string) => void,
): void {
  const seen = new Map<string, string>();
  victims.forEach((victim, i) => {
    for (const attack of attacks) {
      const id = `${victim.name}/${attack.name}`;
      const names = `victim "${victim.name}" with attack "${attack.name}"`;
      const other = seen.get(id);
      if (other)
        problem(
          i,
          `Two cells would be called "${id}": ${other}, and ${names}. Give one of the victims or attacks another "name".`,
        );
      seen.set(id, names);
    }
  });
}
