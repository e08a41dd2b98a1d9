import { layerConfig, layerRules } from './layer-rules.js';
import { type Json, isObject, shown, Unread } from './unread.js';

/** A layer with weights, as they are looked for in the file. */
export interface WeightedLayer {
  /** Names of the model, the models in it, and the layer. */
  path: readonly string[];
  /** The class of each of `path` that is a layer, with the number that tells it from others of its class beside it. */
  place: readonly string[];
  /** Names of the weights in TensorFlow.js, in the order of Keras. */
  weights: readonly string[];
}

export interface Topology {
  /** As TensorFlow.js has it. */
  model: Json;
  layers: WeightedLayer[];
}

interface Within {
  path: readonly string[];
  place: readonly string[];
  version: number;
  layers: WeightedLayer[];
}

const models = ['Sequential', 'Functional', 'Model'];

/**
 * The architecture of a Keras model as one of TensorFlow.js.
 * @param version the generation of Keras that wrote it
 * @throws Unread that names the layer
 */
export function topologyOf(model: unknown, version: number): Topology {
  const layers: WeightedLayer[] = [];
  if (!isObject(model)) throw new Unread('its architecture is no object');
  if (!models.includes(model.class_name as string))
    throw new Unread(`it is a ${shown(model.class_name)}, neither Sequential nor Functional`);
  return { model: modelOf(model, { path: [], place: [], version, layers }), layers };
}

function modelOf(model: Json, within: Within): Json {
  const { class_name, config } = model;
  assertKeras(model);
  // Before version 2.2.3, a Sequential is the list of its layers.
  const given = Array.isArray(config) ? { layers: config as unknown[] } : config;
  if (!isObject(given) || !Array.isArray(given.layers)) throw new Unread('it has no list of layers');
  const sequential = class_name === 'Sequential';
  const known = sequential ? withInput(given) : (given.layers as unknown[]);
  const counts = new Map<string, number>();
  const node = nodeNumbers(known, within.version);
  const layers = known.map((layer) => layerOf(layer, sequential ? undefined : node, within, counts));
  const name = given.name ?? 'model';
  if (sequential) return { class_name, config: { name, layers } };
  return {
    class_name: 'Functional',
    config: {
      name,
      layers,
      input_layers: endsOf(given.input_layers, node.ofEnd),
      output_layers: endsOf(given.output_layers, node.ofEnd),
    },
  };
}

/** A Sequential whose input is told by itself or by its first layer gets a layer that tells it. */
function withInput(config: Json): unknown[] {
  const layers = config.layers as unknown[];
  const [first] = layers;
  if (!isObject(first) || !isObject(first.config)) throw new Unread('its first layer is no object');
  if (first.class_name === 'InputLayer') return layers;
  const shape = first.config.batch_input_shape ?? first.config.batch_shape ?? config.build_input_shape;
  if (!Array.isArray(shape)) throw new Unread('the size of its input is not in the file');
  const name = `${shown(config.name).replaceAll('"', '')}_input`;
  return [{ class_name: 'InputLayer', config: { name, batch_shape: shape } }, ...layers];
}

function layerOf(
  layer: unknown,
  node: NodeNumbers | undefined,
  within: Within,
  counts: Map<string, number>,
): Json {
  if (
    !isObject(layer) ||
    typeof layer.class_name !== 'string' ||
    !(isObject(layer.config) || Array.isArray(layer.config))
  )
    throw new Unread(`a layer of it is ${shown(layer)}`);
  const { class_name: kind, config } = layer;
  const name = layer.name ?? (config as Json).name;
  if (typeof name !== 'string') throw new Unread(`a layer of the kind ${kind} has no name`);
  const key = snakeCase(kind);
  const count = counts.get(key) ?? 0;
  counts.set(key, count + 1);
  const inner = {
    ...within,
    path: [...within.path, name],
    place: [...within.place, count === 0 ? key : `${key}_${count}`],
  };
  try {
    const made = models.includes(kind) ? modelOf(layer, inner) : plainLayer(layer, config as Json, inner);
    return {
      class_name: made.class_name,
      config: { ...(made.config as Json), name },
      ...(node && { name, inbound_nodes: nodesOf(layer.inbound_nodes, node) }),
    };
  } catch (error) {
    if (!(error instanceof Unread) || /^its layer /.test(error.message)) throw error;
    throw new Unread(`its layer "${name}" (${kind}): ${error.message}`);
  }
}

function plainLayer(layer: Json, config: Json, { path, place, version, layers }: Within): Json {
  const kind = layer.class_name as string;
  assertKeras(layer);
  if (kind === 'InputLayer') return inputLayer(config);
  const made = layerConfig(kind, config, version);
  const weights = layerRules[kind]?.weights?.(config) ?? [];
  if (weights.length > 0) layers.push({ path, place, weights });
  return { class_name: made.className, config: made.config };
}

function inputLayer(config: Json): Json {
  const shape = config.batch_shape ?? config.batch_input_shape;
  if (!Array.isArray(shape) || !shape.slice(1).every((size) => size === null || Number.isSafeInteger(size)))
    throw new Unread(`its shape is ${shown(shape)}`);
  if (![undefined, null, 'float32'].includes(config.dtype as string))
    throw new Unread(`it takes ${shown(config.dtype)}; float32 is read`);
  if (config.sparse === true || config.ragged === true) throw new Unread('its input is sparse or ragged');
  return { class_name: 'InputLayer', config: { batch_input_shape: [null, ...(shape.slice(1) as number[])] } };
}

/** A class of somebody's own may have any name. */
function assertKeras({ module, registered_name, class_name }: Json): void {
  const builtIn =
    module === undefined || module === null || (typeof module === 'string' && /^keras(\.|$)/.test(module));
  if (!builtIn || (typeof registered_name === 'string' && registered_name !== class_name))
    throw new Unread('it is a layer of your own');
}

/** The number of a call among the calls of a layer, in TensorFlow.js, by the name of the layer and its number in the file. */
interface NodeNumbers {
  ofArgument: (layer: unknown, node: unknown) => number;
  ofEnd: (layer: unknown, node: unknown) => number;
}

/**
 * In TensorFlow.js a model's own making is its call 0, as in the first two versions of Keras. Version 3 counts it nowhere but in the
 * inputs and outputs of the model around it, and there not for a Sequential.
 */
function nodeNumbers(layers: readonly unknown[], version: number): NodeNumbers {
  const kinds = new Map(layers.filter(isObject).map((layer) => [layer.name, layer.class_name as string]));
  const later = (counted: readonly string[]) => (layer: unknown, node: unknown) =>
    Number(node) + (version >= 3 && counted.includes(kinds.get(layer) ?? '') ? 1 : 0);
  return { ofArgument: later(models), ofEnd: later(['Sequential']) };
}

/** Inputs or outputs of a model, as a list of [layer, node, tensor]. */
function endsOf(ends: unknown, number: NodeNumbers['ofEnd']): unknown[] {
  const listed = isObject(ends) ? Object.values(ends) : ends;
  if (!Array.isArray(listed)) throw new Unread(`its inputs or outputs are ${shown(ends)}`);
  const all = typeof listed[0] === 'string' ? [listed] : (listed as unknown[]);
  return all.map((end) => {
    if (!Array.isArray(end)) throw new Unread(`its inputs or outputs are ${shown(ends)}`);
    const [layer, node, tensor] = end as unknown[];
    return [layer, number(layer, node), tensor];
  });
}

/** Where the inputs of a layer come from, call by call. Version 3 has arguments, earlier ones lists. */
function nodesOf(nodes: unknown, { ofArgument }: NodeNumbers): unknown[] {
  if (!Array.isArray(nodes)) throw new Unread('its inputs are not told');
  return nodes.map((node: unknown) => (isObject(node) ? ofArguments(node, ofArgument) : ofList(node)));
}

function ofArguments({ args, kwargs }: Json, number: NodeNumbers['ofArgument']): unknown[] {
  assertPlain(kwargs);
  const [first, ...rest] = Array.isArray(args) ? (args as unknown[]) : [];
  if (rest.length > 0) throw new Unread(`it is called with ${shown(rest)} beside its input`);
  return (Array.isArray(first) ? (first as unknown[]) : [first]).map((tensor) => {
    const history = isObject(tensor) && isObject(tensor.config) ? tensor.config.keras_history : undefined;
    if (!Array.isArray(history)) throw new Unread(`its input is ${shown(tensor)}`);
    const [layer, node, output] = history as unknown[];
    return [layer, number(layer, node), output, {}];
  });
}

function ofList(node: unknown): unknown[] {
  const inputs = Array.isArray(node) && typeof node[0] === 'string' ? [node] : node;
  if (!Array.isArray(inputs)) throw new Unread(`its input is ${shown(node)}`);
  return inputs.map((input: unknown) => {
    if (!Array.isArray(input)) throw new Unread(`its input is ${shown(input)}`);
    assertPlain(input[3]);
    return [...(input.slice(0, 3) as unknown[]), {}];
  });
}

/** Arguments beside the input may say how a layer is trained and nothing else. */
function assertPlain(kwargs: unknown): void {
  for (const [name, value] of Object.entries(isObject(kwargs) ? kwargs : {}))
    if (!['training', 'mask'].includes(name) || (value !== null && value !== false))
      throw new Unread(`it is called with ${name}: ${shown(value)}`);
}

/** As Keras names the groups of a layer's weights: BatchNormalization is batch_normalization, PReLU is p_re_lu. */
const snakeCase = (name: string): string =>
  name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
