import type * as tfl from '@tensorflow/tfjs-layers';
import { type Graph, parseModel, serializeModel } from '@gauntlet/onnx-gradient';
import { names } from '../names.js';
import { activate } from './activations.js';
import { Emitter, NotLowered, type Value, type Weight } from './emitter.js';
import type { LayerConfig } from './layer-config.js';
import { lowerings } from './layers.js';

type Layer = tfl.layers.Layer;

/** What the walk reads of a model's wiring; none of it is in the public types. */
interface Wire {
  id: number;
  sourceLayer: Layer;
  nodeIndex: number;
  tensorIndex: number;
}
interface CallNode {
  inputTensors: Wire[];
}

export interface Lowered {
  graph: Graph;
  /** The layer whose activation is `features`, as asked for or the first convolution. */
  convolution?: string;
}

const convolutions = ['Conv2D', 'DepthwiseConv2D', 'SeparableConv2D', 'Conv1D'];
const activationLayers = ['Activation', 'ReLU', 'LeakyReLU', 'PReLU', 'ELU', 'ThresholdedReLU'];

export interface LoweringRequest {
  /** The activation at the end to leave out. */
  drop?: 'softmax' | 'sigmoid';
  /** Sizes for what the model leaves open, without the batch. */
  inputShape: readonly number[];
  /** The layer to take features from. */
  features?: Layer;
}

/**
 * Writes a LayersModel as an ONNX graph under the engine's names: input [n, …] in the model's own order,
 * and features with channels last if there is a layer to take them from.
 * @throws NotLowered for a layer without a counterpart.
 */
export async function lowerModel(model: tfl.LayersModel, request: LoweringRequest): Promise<Lowered> {
  const walk = new Walk(request, await readWeights(model));
  const [input] = model.inputs as unknown as Wire[];
  const [output] = model.outputs as unknown as Wire[];
  const x: Value = { name: names.x, layout: 'last', dims: request.inputShape };
  const result = walk.e.last(walk.value(output, new Map([[input.id, x]]), true));
  const { e, seen } = walk;
  const named = (value: Value, name: string) => e.g.node('Identity', [e.last(value).name], [name]);
  named(result, names.output);
  if (seen.features && seen.preactivation) {
    named(image(e, seen.features), names.features);
    named(image(e, seen.preactivation), names.preactivation);
  }
  const outputs = [names.output, ...(seen.features ? [names.features, names.preactivation] : [])];
  const graph: Graph = {
    opset: 18,
    domains: new Map(),
    inputs: [{ name: names.x, type: 'float32', dims: ['N', ...request.inputShape] }],
    outputs: outputs.map((name) => ({ name, type: 'float32' })),
    nodes: e.g.nodes,
    constants: e.g.constants,
    stated: new Map(),
  };
  // Through the reader, which checks and sorts.
  return {
    graph: parseModel(serializeModel(graph)),
    convolution: seen.features && request.features?.name,
  };
}

/** Features of a one-dimensional convolution are an image of width 1. */
function image(e: Emitter, value: Value): Value {
  if (value.dims.length !== 2) return value;
  const { name } = e.last(value);
  return {
    name: e.g.op('Unsqueeze', [name, e.g.ints([2])]),
    layout: 'last',
    dims: [value.dims[0], 1, value.dims[1]],
  };
}

class Walk {
  readonly e = new Emitter();
  readonly seen: { features?: Value; preactivation?: Value } = {};
  readonly #request: LoweringRequest;
  readonly #weights: ReadonlyMap<Layer, Weight[]>;

  constructor(request: LoweringRequest, weights: ReadonlyMap<Layer, Weight[]>) {
    this.#request = request;
    this.#weights = weights;
  }

  /** The value on a wire; `known` holds those already made, `last` says that it leaves the whole model. */
  value(wire: Wire, known: Map<number, Value>, last: boolean): Value {
    const found = known.get(wire.id);
    if (found) return found;
    const layer = wire.sourceLayer;
    const call = (layer.inboundNodes as unknown as CallNode[])[wire.nodeIndex];
    const inputs = call.inputTensors.map((input) => this.value(input, known, false));
    const made = isModel(layer) ? this.#model(layer, inputs, wire, last) : this.#layer(layer, inputs, last);
    known.set(wire.id, made);
    return made;
  }

  #model(model: tfl.LayersModel, inputs: Value[], wire: Wire, last: boolean): Value {
    const known = new Map((model.inputs as unknown as Wire[]).map(({ id }, i) => [id, inputs[i]]));
    return this.value((model.outputs as unknown as Wire[])[wire.tensorIndex], known, last);
  }

  #layer(layer: Layer, inputs: Value[], last: boolean): Value {
    const kind = layer.getClassName();
    const lower = lowerings[kind];
    if (!lower) throw new NotLowered(`the layer "${layer.name}" (${kind})`);
    const config = layer.getConfig() as LayerConfig;
    const activation = kind === 'Softmax' ? 'softmax' : config.activation;
    const drop = last && activation !== undefined && activation === this.#request.drop;
    const before =
      drop && kind === 'Softmax' ? inputs[0] : lower(this.e, inputs, config, this.#weights.get(layer) ?? []);
    const after = config.activation && !drop ? activate(this.e, before, config.activation) : before;
    this.#tap(layer, before, after);
    return after;
  }

  /** Features may come from the layer itself or from the activation layer right behind it. */
  #tap(layer: Layer, before: Value, after: Value): void {
    const { features } = this.#request;
    const separate = features && separateActivation(features);
    if (layer === features) {
      const fused = !separate && convolutions.includes(layer.getClassName());
      this.seen.preactivation = fused ? before : after;
      this.seen.features = after;
    } else if (layer === separate) {
      this.seen.features = after;
    }
  }
}

/** The activation layer right behind a layer, if its output goes nowhere else. */
function separateActivation(layer: Layer): Layer | undefined {
  const next = layer.outboundNodes.length === 1 ? layer.outboundNodes[0].outboundLayer : undefined;
  return next && activationLayers.includes(next.getClassName()) ? next : undefined;
}

const isModel = (layer: Layer): layer is tfl.LayersModel => 'layers' in layer && Array.isArray(layer.layers);

async function readWeights(model: tfl.LayersModel): Promise<Map<Layer, Weight[]>> {
  const leaves = (each: tfl.LayersModel): Layer[] =>
    each.layers.flatMap((layer) => (isModel(layer) ? leaves(layer) : [layer]));
  const read = async (layer: Layer): Promise<[Layer, Weight[]]> => {
    const weights = layer
      .getWeights()
      .map(async (w) => ({ dims: w.shape, values: (await w.data()) as Float32Array }));
    return [layer, await Promise.all(weights)];
  };
  return new Map(await Promise.all(leaves(model).map(read)));
}
