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
const refused: [string, Dim[], (g: Builder) => string | string[], RegExp, number?][] = [
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
  [
    'a mean that is an output, of nobody knows how many axes',
    image,
    (g) => {
      g.node('LayerNormalization', [g.op('NoSuchOperator', ['x']), filled(g, [6])], ['normal', 'mean'], {
        axis: 1,
      });
      return ['normal', 'mean'];
    },
    /the mean or the deviation as an output/,
  ],
  [
    'a normalisation of nobody knows how many axes, whose mean nobody asks for',
    image,
    (g) => {
      g.node('LayerNormalization', [g.op('NoSuchOperator', ['x']), filled(g, [6])], ['normal', 'mean'], {
        axis: 1,
      });
      return 'normal';
    },
    /needs the rank of/,
  ],
  [
    'a step of strides over an open size',
    ['N', 4, 'h', 6],
    (g) => g.op('Conv', ['x', filled(g, [3, 4, 2, 2])], { strides: [2, 1] }),
    /needs the size of "x"/,
  ],
  [
    'padding to the same size, which is open',
    ['N', 4, 'h', 6],
    (g) => g.op('Conv', ['x', filled(g, [3, 4, 2, 2])], { auto_pad: 'SAME_UPPER' }),
    /the size of "x" for its auto_pad/,
  ],
  [
    'steps of a slice from where only running tells',
    [2, 5],
    (g) => {
      const start = g.op('ArgMax', [g.op('Gather', ['x', g.scalar(0, 'int64')])], { keepdims: 1 });
      return g.op('Slice', ['x', start, g.ints([5]), g.ints([1]), g.ints([2])]);
    },
    /where it starts and ends/,
  ],
  [
    'every second of an open size',
    ['N', 4],
    (g) => g.op('Slice', ['x', g.ints([0]), g.ints([2 ** 40]), g.ints([0]), g.ints([2])]),
    /where it starts and ends/,
  ],
  [
    'a slice of nobody knows how many axes',
    [2, 5],
    (g) => {
      const first = g.op('Gather', ['x', g.scalar(0, 'int64')]);
      const some = g.op('Reshape', [g.op('NonZero', [first]), g.ints([-1])]);
      return g.op('Slice', ['x', some, some]);
    },
    /how many axes it cuts/,
  ],
  [
    'a matrix of positions beside two open sizes',
    ['N', 'h', 4],
    (g) => g.op('Gather', ['x', g.filled('int64', [2, 2], [0, 1, 3, 1])], { axis: 2 }),
    /all but one size of "x"/,
  ],
  [
    'depth to space of open sizes',
    ['N', 4, 'h', 2],
    (g) => g.op('DepthToSpace', ['x'], { blocksize: 2, mode: 'CRD' }),
    /needs dimension 2 of "x", which cannot be inferred. Export the model with fixed sizes/,
  ],
  [
    'repeats of two open sizes',
    ['N', 'h', 4],
    (g) => g.op('Tile', ['x', g.ints([2, 2, 1])]),
    /all but one size/,
  ],
  [
    'a resize that is unknown',
    image,
    (g) => g.op('Resize', ['x', '', filled(g, [4], 2)], { coordinate_transformation_mode: 'polar' }),
    /the coordinate transformation polar/,
  ],
  [
    'a crop by scales',
    image,
    (g) =>
      g.op('Resize', ['x', filled(g, [8]), filled(g, [4], 2)], {
        coordinate_transformation_mode: 'tf_crop_and_resize',
      }),
    /a crop resized by scales/,
  ],
  [
    'a crop that keeps the size, which ONNX Runtime does not make',
    [1, 1, 4, 5],
    (g) => {
      const region = g.filled('float32', [8], [0, 0, 0.25, 0, 1, 1, 0.75, 1]);
      return g.op('Resize', ['x', region, '', g.ints([1, 1, 4, 3])], {
        mode: 'linear',
        coordinate_transformation_mode: 'tf_crop_and_resize',
      });
    },
    /a crop along an axis whose size stays/,
  ],
  [
    'a crop that is computed',
    [1, 1, 2, 2],
    (g) =>
      g.op('Resize', ['x', g.op('Concat', ['x', 'x'], { axis: 0 }), '', g.ints([1, 1, 4, 4])], {
        coordinate_transformation_mode: 'tf_crop_and_resize',
      }),
    /a crop that depends on the input/,
  ],
  [
    'axes that are open',
    [3, 4],
    (g) => g.op('ReduceMean', ['x', g.op('ArgMax', [g.op('Gather', ['x', g.scalar(0, 'int64')])])]),
    /the values of/,
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
  [
    'blocks of a line',
    (g) =>
      g.op(
        'QuantizeLinear',
        [g.op('Reshape', ['x', g.ints([-1])]), filled(g, [4]), g.filled('uint8', [4], [0, 0, 0, 0])],
        {
          block_size: 3,
          axis: 0,
        },
      ),
    /a scale for each block/,
  ],
  [
    'a matrix of scales',
    (g) =>
      g.op('QuantizeLinear', ['x', filled(g, [2, 6]), g.filled('uint8', [2, 6], Array<number>(12).fill(0))]),
    /a scale for each block/,
  ],
];

it.each(quantised)('straight through %s there is none either', (_, write, message) => {
  const graph = graphOf({ x: [2, 6] }, (g) => g.op('DequantizeLinear', [write(g), half(g)]), 21);
  expect(() => withGradients(graph, { straightThrough: true })).toThrow(message);
});
