import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Attack } from '../attacks/define-attack.js';
import { loadPlugin, resolvePackage, resolvePlugin, type PluginReference } from '../attacks/load-plugin.js';
import { checkAgainst, type Complaint } from '../attacks/params.js';
import type { DatasetConfig } from '../datasets/open-dataset.js';
import { checkEngineName } from '../engines/engine-names.js';
import { GauntletError } from '../errors/gauntlet-error.js';
import type { MetricName } from './metric-names.js';
import { parseSpecFile } from './parse-spec-file.js';
import { specSchema } from './spec-schema.js';
import type { AttackEntry, DatasetInput, Limit, Spec, SpecInput, VictimInput } from './spec.js';

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

type Path = readonly (string | number)[];

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
    existing(given, folder, options.packages) ??
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
  const dataset = await located(['dataset'], () =>
    datasetConfig(input.dataset, at, (use) => resolvePlugin(use, folder, options.builtIn, options.packages)),
  );
  if (dataset?.format === 'plugin') {
    const plugin = await located(['dataset', 'use'], () => loadPlugin(dataset.plugin));
    if (plugin) complain(['dataset', 'params'], checkAgainst(plugin.params, dataset.params));
  }

  const attacks: AttackEntry[] = [];
  for (const [i, attack] of input.attacks.entries()) {
    const {
      use,
      name = use,
      params = {},
      expect = {},
    } = attack as { use: string; name?: string; params?: object; expect?: object };
    const reference = await located(['attacks', i, 'use'], () =>
      resolvePlugin(use, folder, options.builtIn, options.packages),
    );
    const plugin = reference && (await located(['attacks', i, 'use'], () => loadPlugin(reference)));
    if (!plugin) continue;
    if (plugin.kind !== 'attack') {
      problem(['attacks', i, 'use'], `"${use}" is a dataset, not an attack.`);
      continue;
    }
    const before = problems.length;
    complain(['attacks', i, 'params'], checkAgainst(plugin.params, params));
    checkVictims(plugin, victims, (message) => problem(['attacks', i, 'use'], message));
    if (problems.length > before) continue;
    attacks.push({
      name,
      use,
      plugin: { ...reference, name: plugin.name },
      version: plugin.version,
      usesGradients: plugin.usesGradients,
      params: params as Record<string, unknown>,
      threat: plugin.threat(params),
      expectations: Object.entries(expect).map(([metric, limit]) => ({
        metric: metric as MetricName,
        ...(limit as Limit),
      })),
    });
  }
  unique(attacks.map(({ name }) => name), (i) => problem(['attacks', i], `Two attacks are called "${attacks[i].name}". Give one a "name" of its own.`)); // prettier-ignore
  if (problems.length > 0) throw new SpecError(problems);
  return {
    file: absolute,
    seed: options.seed ?? input.seed ?? 0,
    maxUnassessed: input.maxUnassessed ?? 0,
    victims,
    dataset: dataset!,
    datasetName: datasetName(input.dataset),
    attacks,
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

/** A file beside the spec, or one inside an installed package (`@gauntlet/zoo/models/…`). */
function existing(given: string, folder: string, packages?: string): string | undefined {
  const file = path.resolve(folder, given);
  if (existsSync(file)) return file;
  if (/^[./]/.test(given) || path.isAbsolute(given)) return undefined;
  return resolvePackage(given, folder) ?? (packages && resolvePackage(given, packages));
}

function datasetConfig(
  input: DatasetInput,
  at: (where: Path, given: string) => string,
  resolve: (use: string) => PluginReference,
): DatasetConfig {
  const file = (key: string, given: string) => at(['dataset', key], given);
  switch (input.format) {
    case 'idx':
    case 'npy':
      return {
        ...input,
        images: file('images', input.images),
        labels: input.labels && file('labels', input.labels),
      };
    case 'cifar10':
      return { ...input, files: [input.files].flat().map((one) => file('files', one)) };
    case 'npz':
      return { ...input, file: file('file', input.file), imagesKey: input.imagesKey ?? 'x' };
    case 'svhn':
      return { ...input, file: file('file', input.file) };
    case 'folder':
      return { ...input, path: file('path', input.path) };
    case 'plugin': {
      const { use, params = {}, ...rest } = input;
      return { ...rest, plugin: resolve(use), params };
    }
  }
}

function datasetName(input: DatasetInput): string {
  switch (input.format) {
    case 'idx':
    case 'npy':
      return input.images;
    case 'cifar10':
      return [input.files].flat().join(', ');
    case 'folder':
      return input.path;
    case 'plugin':
      return input.use;
    default:
      return input.file;
  }
}

function checkVictims(attack: Attack, victims: Spec['victims'], problem: (message: string) => void): void {
  for (const victim of victims) {
    if (attack.victim !== 'any' && attack.victim !== victim.kind) {
      problem(
        `The attack ${attack.name} is for a victim of kind "${attack.victim}"; ${victim.name} is of kind "${victim.kind}".`,
      );
    }
  }
}

function unique(names: readonly string[], problem: (position: number) => void): void {
  names.forEach((name, i) => {
    if (names.indexOf(name) < i) problem(i);
  });
}
