import type { Graph, Node, Value } from '@gauntlet/onnx-gradient';

export interface InputLayout {
  /** What the engine takes: channels last, -1 where any size will do. */
  inputShape: number[];
  /** The graph takes [n, c, h, w]. */
  channelsFirst: boolean;
}

/** Operations that an image passes on its way to the first one that tells where its channels are. */
const passing = ['Identity', 'Cast', 'Add', 'Sub', 'Mul', 'Div', 'Clip', 'Pad', 'Dropout'];

/** Finds out from the graph, or else from the sizes, where the channels of a four-dimensional input are. */
export function inputLayout(
  graph: Graph,
  input: Value,
  image: readonly [number, number, number] | undefined,
  notes: string[],
): InputLayout {
  const sizes = (input.dims ?? []).slice(1).map((size) => (typeof size === 'number' ? size : -1));
  if (sizes.length === 1 && image && image[2] > 1) {
    notes.push('The model takes flat inputs: pixels in the order height, width, channels.');
  }
  if (sizes.length !== 3) return { inputShape: sizes, channelsFirst: false };
  const first = channelsFirstByGraph(graph, input.name) ?? channelsFirstBySizes(sizes, image);
  const [a, b, c] = sizes;
  const shape = first ? [b, c, a] : [a, b, c];
  // A size that the model leaves open is the image's.
  return { inputShape: shape.map((size, i) => (size < 0 && image ? image[i] : size)), channelsFirst: first };
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
