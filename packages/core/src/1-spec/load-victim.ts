import { victimKinds } from '@gauntlet/api';
import type { EngineChoice } from '../engines/engine-source.js';
import type { PluginPlaces } from '../plugins/resolve-plugin.js';
import type { VictimConfig } from '../victims/open-victim.js';
import type { VictimSource } from '../victims/plugin-model.js';
import { checkAgainst } from './check-params.js';
import type { Loading, Path } from './load-attacks.js';
import { loadEngine } from './load-engine.js';
import type { OutputInput, VictimInput } from './spec.js';

interface VictimLoading extends Loading {
  /** Makes the path of a file absolute, and complains if there is none. */
  at: (where: Path, given: string) => string;
  /** Files in place of those that the spec names, by the names of victims. */
  models: Readonly<Record<string, string>>;
  /** What a victim without a name is called, by its model. */
  nameOf: (model: string) => string;
  /** Of the spec. */
  places: PluginPlaces;
  /** Instead of the spec's. */
  engine: EngineChoice | undefined;
}

/** A victim with its file or its plugin found and its options checked. */
export async function loadVictim(
  victim: VictimInput,
  where: Path,
  loading: VictimLoading,
): Promise<VictimConfig> {
  const problem = (at: Path, message: string) => loading.complain(at, [{ path: [], message }]);
  const { model, http, features, bounds } = victim;
  const [use, params] = http ? ['http', http] : [victim.use, victim.params];
  // The built-in plugin by its name says the same.
  const address = use === 'http' ? (params as VictimInput['http']) : undefined;
  const [low, high] = bounds;
  if (low >= high)
    problem([...where, 'bounds'], `"bounds" must be [smallest, largest]; found [${low}, ${high}].`);
  if ([model, victim.use, http].filter((one) => one !== undefined).length !== 1)
    problem(where, 'A victim has either "model" (a file) or "use" (a victim plugin) or "http" (an address).');
  if (use === undefined && params)
    problem([...where, 'params'], '"params" are those of a victim plugin; a model file has none.');
  if (use !== undefined && features !== undefined)
    problem(
      [...where, 'features'],
      '"features" names a layer of a model file; a victim plugin gives its features itself.',
    );
  if (victim.multiLabel && (victim.kind !== 'classifier' || givesOneLabel(victim)))
    problem(
      [...where, 'multiLabel'],
      `"multiLabel" is for a classifier that gives a score for each label; ${victim.kind === 'classifier' ? 'this one gives the label alone' : `${victimKinds[victim.kind].called} gives none`}. Leave it out.`,
    );
  const found = use === undefined ? undefined : await loadSource(use, params ?? {}, where, loading);
  const engine =
    loading.engine ??
    (await loadEngine(victim.engine ?? 'auto', [...where, 'engine'], loading, loading.places));
  const name = victim.name ?? found?.plugin.name ?? use ?? loading.nameOf(model ?? '');
  const file = Object.hasOwn(loading.models, name) ? loading.models[name] : model;
  return {
    name,
    model: address?.url ?? use ?? (file === undefined ? '' : loading.at([...where, 'model'], file)),
    ...(found && {
      source: address ? { ...found, remote: { url: address.url, version: address.version } } : found,
    }),
    kind: victim.kind,
    bounds,
    ...(engine ?? { engine: 'auto' }),
    ...outputOf(victim.output ?? 'auto', (message) => problem([...where, 'output'], message)),
    ...(victim.multiLabel && { multiLabel: true }),
    ...(victim.inputs && { inputs: victim.inputs }),
    features,
    preprocess: victim.preprocess ?? {},
    ...gradientsOf(victim),
    ...repeatsOf(victim),
  };
}

const givesOneLabel = ({ http, output }: VictimInput) =>
  http?.answer === 'labels' || (typeof output === 'object' && output.is === 'labels');

const kinds = ['auto', 'logits', 'probabilities'] as const;

/** A kind of output, or a name, or both. */
function outputOf(
  given: OutputInput,
  problem: (message: string) => void,
): Pick<VictimConfig, 'output' | 'outputName' | 'labels'> {
  if (typeof given === 'string') {
    const kind = kinds.find((each) => each === given);
    return kind ? { output: kind } : { output: 'auto', outputName: given };
  }
  const { name, is = 'auto', classes } = given;
  if ((is === 'labels') !== (classes !== undefined))
    problem('"is: labels" and "classes" (how many there are) go together.');
  return {
    output: is === 'labels' ? 'auto' : is,
    ...(name !== undefined && { outputName: name }),
    ...(is === 'labels' && { labels: classes }),
  };
}

function gradientsOf({ gradients = 'exact' }: VictimInput): Partial<VictimConfig> {
  if (typeof gradients === 'string') return { gradients };
  const { straightThrough = false, eot = 1 } = gradients;
  return { gradients: 'exact', ...(straightThrough && { straightThrough }), ...(eot > 1 && { eot }) };
}

function repeatsOf({ repeats = 1 }: VictimInput): Pick<VictimConfig, 'repeats'> {
  const { draws, share = 0.5 } = typeof repeats === 'number' ? { draws: repeats } : repeats;
  return draws > 1 ? { repeats: { draws, share } } : {};
}

async function loadSource(
  use: string,
  params: Record<string, unknown>,
  where: Path,
  { find, complain, places }: VictimLoading,
): Promise<VictimSource | undefined> {
  const found = await find('victim', use, [...where, 'use']);
  if (!found) return undefined;
  const { plugin, reference } = found;
  complain([...where, 'params'], checkAgainst(plugin.params, params));
  return { plugin: reference, version: plugin.version, params, folder: places.folder };
}
