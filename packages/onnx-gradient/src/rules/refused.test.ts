import { expect, it } from 'vitest';
import { withGradients } from '../gradient.js';
import { graphOf } from '../gradient.test-support.js';
import type { Builder } from '../graph/builder.js';
import { Attributes } from '../model/attributes.js';
import type { Dim } from '../model/graph.js';

const image: Dim[] = ['N', 4, 5, 6];
const filled = (g: Builder, dims: number[], value = 1) =>
  g.filled('float32', dims, Array<number>(dims.reduce((a, b) => a * b, 1)).fill(value));
const half = (g: Builder) => g.scalar(0.5, 'float32');

/** What a rule does not know, and what the user is told of it. */
const refused: [string, Dim[], (g: Builder) => string, RegExp, number?][] = [
  [
    'a lower limit',
    [4],
    (g) => g.op('Clip', ['x', g.op('ReduceMin', ['x'], { keepdims: 0 })]),
    /limit that depends/,
  ],
  [
    'an upper limit',
    [4],
    (g) => g.op('Clip', ['x', '', g.op('ReduceMax', ['x'], { keepdims: 0 })]),
    /limit that depends/,
  ],
  [
    'a letter twice',
    [3, 3],
    (g) => g.op('Einsum', ['x'], { equation: 'ii->i' }),
    /letter twice in one operand/,
  ],
  [
    'batch_dims',
    [2, 3, 4],
    (g) => g.op('GatherND', ['x', g.filled('int64', [2, 1], [0, 2])], { batch_dims: 1 }),
    /batch_dims/,
  ],
  [
    'a scale of a normalisation',
    image,
    (g) => g.op('LayerNormalization', ['x', g.op('ReduceMean', ['x', g.ints([0, 1, 2])], { keepdims: 0 })]),
    /scale or bias that depends/,
  ],
  [
    'a scale of a batch normalisation',
    [2, 3],
    (g) =>
      g.op('BatchNormalization', [
        'x',
        g.op('ReduceMean', ['x', g.ints([0])], { keepdims: 0 }),
        ...[1, 2, 3].map(() => filled(g, [3])),
      ]),
    /scale or bias that depends/,
  ],
  [
    'a bias of instances',
    [2, 3, 4],
    (g) =>
      g.op('InstanceNormalization', [
        'x',
        filled(g, [3]),
        g.op('ReduceMean', ['x', g.ints([0, 2])], { keepdims: 0 }),
      ]),
    /scale or bias that depends/,
  ],
  [
    'a bias of groups',
    [2, 4, 4],
    (g) =>
      g.op(
        'GroupNormalization',
        ['x', filled(g, [4]), g.op('ReduceMean', ['x', g.ints([0, 2])], { keepdims: 0 })],
        { num_groups: 2 },
      ),
    /scale or bias that depends/,
    21,
  ],
  ['an even window of channels', image, (g) => g.op('LRN', ['x'], { size: 2 }), /an even window/],
  [
    'a filter of a transposed convolution',
    [1, 1, 3, 3],
    (g) => g.op('ConvTranspose', [filled(g, [1, 1, 4, 4]), 'x']),
    /a filter that depends/,
  ],
  [
    'a bias of a transposed convolution',
    [1, 2, 3, 3],
    (g) =>
      g.op('ConvTranspose', [
        'x',
        filled(g, [2, 2, 3, 3]),
        g.op('ReduceMean', ['x', g.ints([0, 2, 3])], { keepdims: 0 }),
      ]),
    /a filter that depends/,
  ],
  [
    'a filter in groups',
    [4, 1, 3, 3],
    (g) => g.op('Conv', [filled(g, [1, 4, 5, 5]), 'x'], { group: 4 }),
    /a filter in groups that depends/,
  ],
  [
    'columns first',
    image,
    (g) => g.op('MaxPool', ['x'], { kernel_shape: [2, 2], storage_order: 1 }),
    /column-major storage/,
  ],
];

it.each(refused)('%s has no gradient, and the user is told', (_, dims, write, message, opset) => {
  expect(() => withGradients(graphOf({ x: dims }, write, opset))).toThrow(message);
});

it('an operator without a name is told by the first output that it has', () => {
  const peepholes = (g: Builder) => {
    const weights = (...dims: number[]) => filled(g, dims);
    const [w, r, p] = [weights(1, 8, 3), weights(1, 8, 2), weights(1, 6)];
    g.nodes.push({
      op: 'LSTM',
      name: '',
      domain: '',
      inputs: ['x', w, r, '', '', '', '', p],
      outputs: ['', 'last'],
      attributes: Attributes.of({ hidden_size: 2 }),
    });
    return 'last';
  };
  expect(() => withGradients(graphOf({ x: [5, 2, 3] }, peepholes))).toThrow('rule for LSTM "last"');
});

const quantised: [string, (g: Builder) => string, RegExp][] = [
  [
    'blocks',
    (g) =>
      g.op('QuantizeLinear', ['x', filled(g, [2, 2]), g.filled('uint8', [2, 2], [0, 0, 0, 0])], {
        block_size: 3,
        axis: 1,
      }),
    /a scale for each block/,
  ],
];

it.each(quantised)('straight through %s there is none either', (_, write, message) => {
  const graph = graphOf({ x: [2, 6] }, (g) => g.op('DequantizeLinear', [write(g), half(g)]), 21);
  expect(() => withGradients(graph, { straightThrough: true })).toThrow(message);
});
