import path from 'node:path';
import { loadPlugin, resolvePlugin, type PluginReference } from '../attacks/load-plugin.js';
import { checkAgainst, type Complaint } from '../attacks/params.js';
import { checkEngineName } from '../engines/engine-names.js';
import { GauntletError } from '../errors/gauntlet-error.js';
import { didYouMean } from '../errors/nearest-name.js';
import { datasetConfig, datasetName, findFile } from './load-dataset.js';
import { loadAttacks, type Path } from './load-attacks.js';
import { parseSpecFile } from './parse-spec-file.js';
import { specSchema } from './spec-schema.js';
import type { DatasetInput, RetrainConfig, RetrainInput, Spec, SpecInput, VictimInput } from './spec.js';

export interface LoadOptions {
  /** Short names of plugins, e.g. `pgd`. */
  builtIn: ReadonlyMap<string, PluginReference>;
  /** A folder whose packages a spec may name besides those it finds from its own. */
  packages?: string;
  /** These replace what the spec says. */
  seed?: number;
  engine?: string;
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

  complain([], checkAgainst(specSchema, parsed.value));
  if (problems.length > 0) throw new SpecError(problems);
  const input = parsed.value as SpecInput;
  const folder = path.dirname(absolute);

  if ((input.victim === undefined) === (input.victims === undefined)) {
    problem([], 'A spec has either "victim" or "victims".');
  }
  const at = (where: Path, given: string) =>
    findFile(given, folder, options.packages) ??
    (problem(where, `There is no file ${path.resolve(folder, given)}.`), given);
  const victims = (input.victims ?? (input.victim ? [input.victim] : [])).map((victim, i) =>
    victimConfig(victim, input.victims ? ['victims', i] : ['victim'], at, problem, options.engine),
  );
  unique(victims.map(({ name }) => name), (i) => problem(['victims', i], `There are two victims of this name. Give them different names.`)); // prettier-ignore

  const located = async <T>(where: Path, work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GauntletError)) throw error;
      problems.push(new GauntletError(error.code, error.message, { place: parsed.placeOf(where) }));
      return undefined;
    }
  };
  const resolve = (use: string) => resolvePlugin(use, folder, options.builtIn, options.packages);
  const openDataset = async (given: DatasetInput, where: Path) => {
    const dataset = await located(where, () =>
      datasetConfig(given, (key, file) => at([...where, key], file), resolve),
    );
    if (dataset?.format === 'plugin') {
      const plugin = await located([...where, 'use'], () => loadPlugin(dataset.plugin));
      if (plugin) complain([...where, 'params'], checkAgainst(plugin.params, dataset.params));
    }
    return dataset;
  };
  const dataset = await openDataset(input.dataset, ['dataset']);

  const loading = { located, complain, resolve };
  const attacks = await loadAttacks(input.attacks, victims, loading);
  unique(attacks.map(({ name }) => name), (i) => problem(['attacks', i], `Two attacks are called "${attacks[i].name}". Give one a "name" of its own.`)); // prettier-ignore
  if (problems.length === 0) checkIds(victims, attacks, (i, message) => problem(['victims', i], message));
  let retrain: RetrainConfig | undefined;
  if (input.retrain) {
    const { test, expect = {}, ...rest } = input.retrain as Required<RetrainInput>;
    const known = attacks.map(({ name }) => name);
    for (const name of Object.keys(expect)) {
      if (!known.includes(name)) complain(['retrain', 'expect'], [{ path: [], key: name, message: `There is no attack "${name}" to retrain with.${didYouMean(name, known)}` }]); // prettier-ignore
    }
    const config = await openDataset(test, ['retrain', 'test']);
    if (config) retrain = { ...rest, test: config, expectations: expect };
  }
  if (problems.length > 0) throw new SpecError(problems);
  return {
    file: absolute,
    seed: options.seed ?? input.seed ?? 0,
    maxUnassessed: input.maxUnassessed ?? 0,
    victims,
    dataset: dataset!,
    datasetName: datasetName(input.dataset),
    attacks,
    retrain,
  };
}

function victimConfig(
  victim: VictimInput,
  where: Path,
  at: (where: Path, given: string) => string,
  problem: (where: Path, message: string) => void,
  engine: string | undefined,
) {
  const [low, high] = victim.bounds;
  if (low >= high)
    problem([...where, 'bounds'], `"bounds" must be [smallest, largest]; found [${low}, ${high}].`);
  return {
    name: victim.name ?? modelName(victim.model),
    model: at([...where, 'model'], victim.model),
    kind: victim.kind,
    bounds: victim.bounds,
    engine: checkEngineName(engine ?? victim.engine ?? 'auto'),
    output: victim.output ?? 'auto',
    features: victim.features,
    preprocess: victim.preprocess ?? {},
    gradients: victim.gradients ?? 'exact',
  } as const satisfies Spec['victims'][number];
}

/** What people call a model: its folder for a model.json, else its file. */
function modelName(model: string): string {
  const stem = path.basename(model).replace(/\.json$/, '');
  const folder = path.basename(path.dirname(model));
  return stem === 'model' && !/^\.*$/.test(folder) ? folder : stem;
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
