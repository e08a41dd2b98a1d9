import type { ImageOrder } from '@gauntlet/api';
import { type Graph, type Node, numbersOf, type Value } from '@gauntlet/onnx-gradient';

export interface InputLayout {
  /** What the engine takes: channels last, -1 where any size will do. */
  inputShape: number[];
  /** The graph takes [n, c, h, w]. */
  channelsFirst: boolean;
  /** Of a flat input or output, where the file tells. */
  flatOrder?: ImageOrder;
}

/** Operations that an image passes on its way to the first one that tells where its channels are. */
const passing = ['Identity', 'Cast', 'Add', 'Sub', 'Mul', 'Div', 'Clip', 'Pad', 'Dropout'];

/** Finds out from the graph, or else from the sizes, where the channels of a four-dimensional input are. */
export function inputLayout(
  graph: Graph,
  input: Value,
  image: readonly [number, number, number] | undefined,
): InputLayout {
  const sizes = (input.dims ?? []).slice(1).map((size) => (typeof size === 'number' ? size : -1));
  if (sizes.length !== 3)
    return { inputShape: sizes, channelsFirst: false, flatOrder: flatOrderOf(graph, input.name, image) };
  const first = channelsFirstByGraph(graph, input.name) ?? channelsFirstBySizes(sizes, image);
  const [a, b, c] = sizes;
  const shape = first ? [b, c, a] : [a, b, c];
  // A size that the model leaves open is the image's.
  return {
    inputShape: shape.map((size, i) => (size < 0 && image ? image[i] : size)),
    channelsFirst: first,
    flatOrder: first ? 'nchw' : 'nhwc',
  };
}

/** A reshape to images tells the order of a flat input; otherwise the framework that the file is from does. */
function flatOrderOf(
  graph: Graph,
  input: string,
  image: readonly [number, number, number] | undefined,
): ImageOrder | undefined {
  const [h, w, c] = image ?? [];
  for (const { op, inputs } of graph.nodes) {
    const shape = op === 'Reshape' && inputs[0] === input ? graph.constants.get(inputs[1]) : undefined;
    const sizes = shape ? Array.from(numbersOf(shape)).slice(1).join() : undefined;
    if (h !== w || w !== c) {
      if (sizes === [c, h, w].join()) return 'nchw';
      if (sizes === [h, w, c].join()) return 'nhwc';
    }
  }
  if (graph.producer === 'pytorch') return 'nchw';
  return ['tf2onnx', 'keras2onnx'].includes(graph.producer ?? '') ? 'nhwc' : undefined;
}

function channelsFirstByGraph(graph: Graph, input: string): boolean | undefined {
  const users = (name: string) => graph.nodes.filter((node) => node.inputs.includes(name));
  let reached: Node[] = users(input);
  for (let depth = 0; depth < 8 && reached.length > 0; depth++) {
    for (const node of reached) {
      if (['Conv', 'MaxPool', 'AveragePool', 'BatchNormalization', 'ConvTranspose'].includes(node.op))
        return true;
      const perm = node.op === 'Transpose' ? node.attributes.ints('perm')?.join() : undefined;
      if (perm === '0,3,1,2') return false;
      if (perm === '0,2,3,1') return true;
    }
    reached = reached.filter(({ op }) => passing.includes(op)).flatMap((node) => users(node.outputs[0]));
  }
  return undefined;
}

/** The image's own shape decides; without one, what looks like channels. */
function channelsFirstBySizes([a, b, c]: number[], image: readonly number[] | undefined): boolean {
  const fits = (shape: number[]) =>
    image !== undefined && shape.every((size, i) => size < 0 || size === image[i]);
  if (fits([b, c, a]) !== fits([a, b, c])) return fits([b, c, a]);
  return !([1, 3].includes(c) && ![1, 3].includes(a));
}
