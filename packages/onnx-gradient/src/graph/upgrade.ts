import { OnnxGradientError } from '../errors.js';
import { type AttributeInput, Attributes } from '../model/attributes.js';
import { Builder } from './builder.js';
import { decompositions } from './decompose.js';
import type { UpgradeContext } from './upgrade-context.js';
import { constantFrom } from '../model/constant.js';
import { nameOf, type Node } from '../model/graph.js';

type Upgrade = (node: Node, c: UpgradeContext) => Node[];

const node = (
  op: string,
  of: Node,
  inputs: string[],
  outputs: readonly string[],
  attributes: Record<string, AttributeInput> = {},
): Node => ({
  op,
  name: outputs === of.outputs ? of.name : outputs[0],
  domain: '',
  inputs,
  outputs,
  attributes: Attributes.of(attributes),
});

const int64 = (c: UpgradeContext, values: readonly number[]) =>
  c.constant(constantFrom('int64', [values.length], values));

/** An attribute of integers that became an input. */
const toInput =
  (name: string, since: number): Upgrade =>
  (old, c) => {
    const values = old.attributes.ints(name);
    if (c.opset >= since || !values) return [old];
    const attributes = old.attributes.with({ [name]: undefined });
    return [{ ...old, inputs: [old.inputs[0], int64(c, values)], attributes }];
  };

/** Before opset 13 softmax flattened everything from its axis on. */
const softmax: Upgrade = (old, c) => {
  if (c.opset >= 13) return [old];
  const axis = old.attributes.int('axis', 1);
  const rank = c.rank(old.inputs[0]);
  if (rank !== undefined && (axis === rank - 1 || axis === -1)) {
    return [{ ...old, attributes: Attributes.of({ axis: -1 }) }];
  }
  const [flat, soft, shape] = ['flat', 'soft', 'shape'].map((hint) => c.fresh(hint));
  return [
    node('Flatten', old, [old.inputs[0]], [flat], { axis }),
    node(old.op, old, [flat], [soft], { axis: -1 }),
    node('Shape', old, [old.inputs[0]], [shape]),
    node('Reshape', old, [soft, shape], old.outputs),
  ];
};

const clip: Upgrade = (old, c) => {
  if (c.opset >= 11) return [old];
  const type = c.type(old.inputs[0]) ?? 'float32';
  const limit = (name: string) =>
    old.attributes.has(name) ? c.constant(constantFrom(type, [], [old.attributes.float(name, 0)])) : '';
  return [{ ...old, inputs: [old.inputs[0], limit('min'), limit('max')], attributes: Attributes.of({}) }];
};

const pad: Upgrade = (old, c) => {
  if (c.opset >= 11) return [old];
  const value = c.constant(
    constantFrom(c.type(old.inputs[0]) ?? 'float32', [], [old.attributes.float('value', 0)]),
  );
  const mode = old.attributes.string('mode', 'constant');
  const pads = int64(c, old.attributes.ints('pads') ?? []);
  return [{ ...old, inputs: [old.inputs[0], pads, value], attributes: Attributes.of({ mode }) }];
};

const slice: Upgrade = (old, c) => {
  if (c.opset >= 10) return [old];
  const starts = old.attributes.ints('starts') ?? [];
  const axes = old.attributes.ints('axes') ?? starts.map((_, i) => i);
  const inputs = [starts, old.attributes.ints('ends') ?? [], axes].map((values) => int64(c, values));
  return [{ ...old, inputs: [old.inputs[0], ...inputs], attributes: Attributes.of({}) }];
};

const split: Upgrade = (old, c) => {
  const [moved] = toInput('split', 13)(old, c);
  if (moved.inputs[1] || moved.attributes.has('num_outputs')) return [moved];
  return [{ ...moved, attributes: moved.attributes.with({ num_outputs: old.outputs.length }) }];
};

/** Upsample and the first Resize had their scales as the second input or as an attribute. */
const resize: Upgrade = (old, c) => {
  if (old.op === 'Resize' && c.opset >= 11) return [old];
  const floats = old.attributes.floats('scales');
  const scales = floats
    ? c.constant(constantFrom('float32', [floats.length], floats))
    : old.inputs[old.inputs.length - 1];
  const mode = old.attributes.string('mode', 'nearest');
  return [
    node('Resize', old, [old.inputs[0], '', scales], old.outputs, {
      mode,
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    }),
  ];
};

/** At inference dropout passes its input on. */
const dropout: Upgrade = (old, c) => {
  const training = old.inputs[2] ? c.number(old.inputs[2]) : 0;
  if (training !== 0 && c.number(old.inputs[1] ?? '') !== 0) {
    throw new OnnxGradientError(
      'operator-unsupported',
      `${nameOf(old)} is in training mode; export the model for inference (in PyTorch, call model.eval() first).`,
    );
  }
  const passed = node('Identity', old, [old.inputs[0]], [old.outputs[0]]);
  if (!old.outputs[1]) return [passed];
  // It kept everything.
  const [shape, ones] = [c.fresh('shape'), c.constant(constantFrom('bool', [], [1]))];
  return [
    passed,
    node('Shape', old, [old.inputs[0]], [shape]),
    node('Expand', old, [ones, shape], [old.outputs[1]]),
  ];
};

const batchNormalization: Upgrade = (old) => {
  if (old.attributes.int('training_mode', 0) !== 0 || old.outputs.slice(1).some((name) => name !== '')) {
    throw new OnnxGradientError(
      'operator-unsupported',
      `${nameOf(old)} is in training mode; export the model for inference (in PyTorch, call model.eval() first).`,
    );
  }
  const attributes = old.attributes.with({
    spatial: undefined,
    is_test: undefined,
    consumed_inputs: undefined,
  });
  return [{ ...old, outputs: [old.outputs[0]], attributes }];
};

const reduceNames = [
  'ReduceMean',
  'ReduceMax',
  'ReduceMin',
  'ReduceProd',
  'ReduceLogSumExp',
  'ReduceLogSum',
  'ReduceSumSquare',
  'ReduceL1',
  'ReduceL2',
];

const upgrades: Record<string, Upgrade | undefined> = {
  ...Object.fromEntries(reduceNames.map((name) => [name, toInput('axes', 18)])),
  ReduceSum: toInput('axes', 13),
  Squeeze: toInput('axes', 13),
  Unsqueeze: toInput('axes', 13),
  Softmax: softmax,
  LogSoftmax: softmax,
  Hardmax: softmax,
  Clip: clip,
  Pad: pad,
  Slice: slice,
  Split: split,
  Upsample: resize,
  Resize: resize,
  Dropout: dropout,
  BatchNormalization: batchNormalization,
};

/** The node in the form of opset 18 or later, in operators that have rules, as one node or several. */
export function upgrade(old: Node, context: UpgradeContext): Node[] {
  if (old.domain === '' && upgrades[old.op]) return upgrades[old.op]!(old, context);
  return inSimpler(old, context) ?? [old];
}

function inSimpler(old: Node, c: UpgradeContext): Node[] | undefined {
  const write = decompositions[old.domain === '' ? old.op : `${old.domain}:${old.op}`];
  if (!write) return undefined;
  const g = new Builder([], (hint) => c.fresh(hint));
  const made = write(g, old, c);
  if (!made) return undefined;
  g.constants.forEach((value, name) => c.define(name, value));
  const copies = old.outputs.flatMap((output, i) =>
    output === '' ? [] : [node('Identity', old, [made[i]], [output])],
  );
  return [...g.nodes, ...copies];
}
