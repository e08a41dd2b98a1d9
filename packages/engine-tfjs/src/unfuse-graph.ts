/** A node of a TensorFlow graph as tfjs model.json files hold it. */
export interface GraphNode {
  name: string;
  op: string;
  input?: string[];
  attr?: Record<string, { list?: { s?: string[] }; f?: number; s?: string; type?: unknown }>;
}

const text = (base64: string) => Buffer.from(base64, 'base64').toString('utf8');

const plainOp: Record<string, string> = {
  _FusedConv2D: 'Conv2D',
  FusedDepthwiseConv2dNative: 'DepthwiseConv2dNative',
  _FusedMatMul: 'MatMul',
};

/** Activations that exist as a node of their own. */
const plainActivation = ['Relu', 'Relu6', 'Elu', 'LeakyRelu', 'Sigmoid', 'Tanh', 'Prelu'];

/**
 * Splits fused convolutions and multiplications into their parts. A fused operation's gradient also computes
 * that of the weights, which are constants here; and the parts show the activation's input.
 */
export function unfuseGraph(nodes: readonly GraphNode[]): GraphNode[] {
  return nodes.flatMap((node) => {
    const op = plainOp[node.op];
    const fused = (node.attr?.fused_ops?.list?.s ?? []).map(text);
    const [bias, activation] = fused;
    if (!op || bias !== 'BiasAdd' || (activation && !plainActivation.includes(activation))) return [node];
    const [x, weights, biases, ...rest] = node.input ?? [];
    const {
      fused_ops: _ops,
      num_args: _args,
      epsilon: _epsilon,
      leakyrelu_alpha: alpha,
      ...attr
    } = node.attr!;
    const biasName = activation ? `${node.name}/gauntlet_bias` : node.name;
    const parts: GraphNode[] = [
      { name: `${node.name}/gauntlet_product`, op, input: [x, weights], attr },
      {
        name: biasName,
        op: 'AddV2',
        input: [`${node.name}/gauntlet_product`, biases],
        attr: { T: attr.T ?? {} },
      },
    ];
    if (activation) {
      const own: GraphNode['attr'] = alpha ? { T: attr.T ?? {}, alpha } : { T: attr.T ?? {} };
      parts.push({ name: node.name, op: activation, input: [biasName, ...rest], attr: own });
    }
    return parts;
  });
}

const nodeName = (input: string) => input.replace(/^\^/, '').replace(/:\d+$/, '');

/** Names of the nodes around the first (or the named) convolution: its activation and what goes into it. */
export function findFeatureNodes(
  nodes: readonly GraphNode[],
  named?: string,
): { features: string; preactivation: string } | undefined {
  const isConvolution = (node: GraphNode) => node.op === 'Conv2D' || node.op === 'DepthwiseConv2dNative';
  const start = named === undefined ? nodes.find(isConvolution) : nodes.find((node) => node.name === named);
  if (!start) return undefined;
  const next = (name: string, ops: readonly string[]) => {
    const users = nodes.filter((node) => node.input?.some((input) => nodeName(input) === name));
    return users.length === 1 && ops.includes(users[0].op) ? users[0].name : undefined;
  };
  const product = named?.length
    ? (nodes.find((node) => node.name === `${named}/gauntlet_product`) ?? start)
    : start;
  const preactivation = next(product.name, ['BiasAdd', 'Add', 'AddV2']) ?? product.name;
  return { preactivation, features: next(preactivation, plainActivation) ?? preactivation };
}

/** The softmax or sigmoid that makes an output, and the name of the tensor before it. */
export function findEnd(
  nodes: readonly GraphNode[],
  output: string,
): { op: 'Softmax' | 'Sigmoid'; before: string } | undefined {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  let node = byName.get(nodeName(output));
  while (node && (node.op === 'Identity' || node.op === 'StopGradient') && node.input) {
    node = byName.get(nodeName(node.input[0]));
  }
  if ((node?.op !== 'Softmax' && node?.op !== 'Sigmoid') || !node.input) return undefined;
  return { op: node.op, before: nodeName(node.input[0]) };
}
