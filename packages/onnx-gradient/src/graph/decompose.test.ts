import { describe, expect, it } from 'vitest';
import {
  expectGradients,
  type Feeds,
  graphOf,
  openSession,
  random,
  relativeError,
  spaced,
} from '../gradient.test-support.js';
import { withGradients } from '../gradient.js';
import { Attributes, type AttributeInput, float } from '../model/attributes.js';
import type { Dim, Graph } from '../model/graph.js';
import type { Builder } from './builder.js';
import { normalize } from './normalize.js';

const weights = (g: Builder, dims: readonly number[], seed: number) =>
  g.filled('float32', dims, random(dims, seed, 0.6).data as Float32Array);

interface Case {
  dims: readonly Dim[];
  write: (g: Builder) => string;
  opset?: number;
}

const weighted = (g: Builder, dims: [number, number], seed: number) =>
  g.op('MatMul', ['x', weights(g, dims, seed)]);

/** Inside, across the edge, and hardly larger than a point. */
const boxes = (g: Builder) =>
  g.filled('float32', [3, 4], [0.3, 0.7, 4.1, 4.4, -2.5, 1, 9.2, 5.3, 2.2, 2.1, 2.9, 2.4]);
const aligned = { output_height: 2, output_width: 3, sampling_ratio: 2 };

/** An operator of ONNX Runtime's own domain. */
const fused = (
  g: Builder,
  op: string,
  inputs: readonly string[],
  attributes: Record<string, AttributeInput> = {},
  domain = 'com.microsoft',
) => {
  const made = g.fresh(op);
  g.nodes.push({
    op,
    name: made,
    domain,
    inputs,
    outputs: [made],
    attributes: Attributes.of(attributes),
  });
  return made;
};

const recurrent =
  (op: string, gates: number, attributes: Record<string, AttributeInput>, ways = 1) =>
  (g: Builder) => {
    const [size, inputs] = [3, 4];
    const names = [
      weights(g, [ways, gates * size, inputs], 1),
      weights(g, [ways, gates * size, size], 2),
      weights(g, [ways, 2 * gates * size], 3),
    ];
    g.node(op, ['x', ...names], ['all', 'end'], { hidden_size: size, ...attributes });
    return g.add(g.op('ReduceSum', ['all', g.ints([0])], { keepdims: 0 }), 'end');
  };

const cases: Record<string, Case> = {
  RMSNormalization: {
    dims: ['N', 3, 6],
    write: (g) => g.op('RMSNormalization', ['x', weights(g, [6], 1)], { axis: -1 }),
    opset: 23,
  },
  Swish: { dims: ['N', 6], write: (g) => g.op('Swish', ['x'], { alpha: float(1.3) }), opset: 24 },
  'LpNormalization (1)': {
    dims: ['N', 3, 4],
    write: (g) => g.op('LpNormalization', ['x'], { p: 1, axis: 1 }),
  },
  'LpNormalization (2)': { dims: ['N', 3, 4], write: (g) => g.op('LpNormalization', ['x']) },
  MeanVarianceNormalization: { dims: ['N', 2, 3, 4], write: (g) => g.op('MeanVarianceNormalization', ['x']) },
  LpPool: {
    dims: ['N', 2, 4, 6],
    write: (g) => g.op('LpPool', ['x'], { kernel_shape: [2, 3], strides: [2, 1], pads: [0, 1, 0, 1] }),
  },
  'LpPool (dilated, a last window that is cut off)': {
    dims: ['N', 2, 6, 8],
    write: (g) =>
      g.op('LpPool', ['x'], { kernel_shape: [2, 2], strides: [2, 3], dilations: [2, 1], p: 3, ceil_mode: 1 }),
    opset: 22,
  },
  'DFT (all of a real signal)': {
    dims: ['N', 5, 2, 1],
    write: (g) => g.op('DFT', ['x'], { axis: 1 }),
    opset: 17,
  },
  'DFT (half, padded, then back)': {
    dims: ['N', 2, 5, 1],
    write: (g) => {
      const half = g.op('DFT', ['x', g.scalar(8, 'int64')], { onesided: 1 });
      return g.op('DFT', [g.op('Tanh', [half]), ''], { inverse: 1, onesided: 1 });
    },
    opset: 20,
  },
  'DFT (complex, inverse, along the first axis)': {
    dims: [3, 4, 2],
    write: (g) => g.op('DFT', ['x', '', g.scalar(0, 'int64')], { inverse: 1 }),
    opset: 20,
  },
  'STFT (windowed)': {
    dims: ['N', 20, 1],
    write: (g) => g.op('STFT', ['x', g.scalar(3, 'int64'), weights(g, [8], 3)]),
  },
  'STFT (both sides)': {
    dims: ['N', 20, 1],
    write: (g) => g.op('STFT', ['x', g.scalar(4, 'int64'), '', g.scalar(6, 'int64')], { onesided: 0 }),
  },
  Det: { dims: ['N', 3, 4, 4], write: (g) => g.op('Det', ['x']) },
  'DeformConv (groups, a mask)': {
    dims: [2, 4, 5, 6],
    write: (g) => {
      const offset = g.mul(
        g.op('Conv', ['x', weights(g, [16, 4, 2, 3], 1)], { strides: [1, 2] }),
        g.scalar(0.7, 'float32'),
      );
      const mask = g.op('Sigmoid', [g.op('Conv', ['x', weights(g, [8, 4, 2, 3], 2)], { strides: [1, 2] })]);
      return g.op('DeformConv', ['x', weights(g, [6, 2, 2, 2], 3), offset, weights(g, [6], 4), mask], {
        group: 2,
        offset_group: 2,
        strides: [1, 3],
        pads: [0, 0, 0, 1],
        dilations: [1, 2],
      });
    },
    opset: 19,
  },
  'TensorScatter (around the end)': {
    dims: [2, 3, 2],
    write: (g) =>
      g.op('TensorScatter', [weights(g, [2, 4, 2], 1), 'x', g.filled('int64', [2], [0, 2])], {
        mode: 'circular',
      }),
    opset: 24,
  },
  Scatter: {
    dims: [2, 3],
    write: (g) =>
      g.op('Scatter', [weights(g, [2, 5], 1), g.filled('int64', [2, 3], [0, 2, 4, 1, 0, 3]), 'x'], {
        axis: 1,
      }),
    opset: 10,
  },
  'Dropout (with its mask)': {
    dims: ['N', 4],
    write: (g) => {
      g.node('Dropout', ['x'], ['y', 'kept']);
      return g.where('kept', g.op('Tanh', ['y']), 'y');
    },
  },
  NegativeLogLikelihoodLoss: {
    dims: [3, 4],
    write: (g) => g.op('NegativeLogLikelihoodLoss', ['x', g.filled('int64', [3], [1, 3, 0])]),
  },
  'NegativeLogLikelihoodLoss (weights, a class that is ignored, each position)': {
    dims: [2, 3, 2],
    write: (g) =>
      g.op(
        'NegativeLogLikelihoodLoss',
        ['x', g.filled('int64', [2, 2], [1, -100, 0, 2]), weights(g, [3], 4)],
        { ignore_index: -100, reduction: 'none' },
      ),
  },
  'SoftmaxCrossEntropyLoss (a class that is ignored, and logarithms beside the loss)': {
    dims: [3, 4],
    write: (g) => {
      const inputs = ['x', g.filled('int32', [3], [1, 3, 0])];
      g.node('SoftmaxCrossEntropyLoss', inputs, ['loss', 'logs'], { ignore_index: 3 });
      return g.add('logs', 'loss');
    },
  },
  'SoftmaxCrossEntropyLoss (sum, weights)': {
    dims: [3, 4],
    write: (g) =>
      g.op('SoftmaxCrossEntropyLoss', ['x', g.filled('int64', [3], [1, 3, 0]), weights(g, [4], 4)], {
        reduction: 'sum',
      }),
  },
  'LayerNormalization (mean and deviation)': {
    dims: ['N', 3, 4],
    write: (g) => {
      g.node('LayerNormalization', ['x', weights(g, [3, 4], 1)], ['y', 'mean', 'inverse'], { axis: 1 });
      return g.add('y', g.add(g.mul('mean', 'mean'), 'inverse'));
    },
  },
  'CumProd (from the end, without itself)': {
    dims: ['N', 4],
    write: (g) => g.op('CumProd', ['x', g.filled('int64', [], [1])], { exclusive: 1, reverse: 1 }),
    opset: 26,
  },
  'CenterCropPad (both, an axis left out)': {
    dims: ['N', 2, 5, 4],
    write: (g) => g.op('CenterCropPad', ['x', g.ints([2, 7])], { axes: [-2, -1] }),
  },
  AffineGrid: {
    dims: ['N', 2, 3],
    write: (g) => g.op('AffineGrid', ['x', g.ints([2, 3, 4, 5])]),
    opset: 20,
  },
  'AffineGrid (three axes, corners aligned)': {
    dims: ['N', 3, 4],
    write: (g) => g.op('AffineGrid', ['x', g.ints([2, 3, 2, 3, 4])], { align_corners: 1 }),
    opset: 20,
  },
  Attention: {
    dims: ['N', 2, 3, 4],
    write: (g) => g.op('Attention', ['x', g.op('Tanh', ['x']), g.op('Sin', ['x'])]),
    opset: 23,
  },
  'Attention (three dimensions, groups of heads, causal, scaled)': {
    dims: ['N', 3, 8],
    write: (g) =>
      g.op('Attention', ['x', weighted(g, [8, 4], 1), weighted(g, [8, 6], 2)], {
        q_num_heads: 4,
        kv_num_heads: 2,
        is_causal: 1,
        scale: float(0.3),
      }),
    opset: 23,
  },
  'Attention (a mask of numbers)': {
    dims: ['N', 2, 3, 4],
    write: (g) => g.op('Attention', ['x', 'x', g.op('Sin', ['x']), weights(g, [3, 3], 6)]),
    opset: 23,
  },
  'Attention (a mask of truth values)': {
    dims: ['N', 2, 3, 4],
    write: (g) =>
      g.op('Attention', ['x', 'x', 'x', g.op('Greater', [weights(g, [3, 3], 2), g.scalar(-0.2, 'float32')])]),
    opset: 23,
  },
  'Attention (soft cap)': {
    dims: ['N', 2, 3, 4],
    write: (g) => g.op('Attention', ['x', 'x', 'x'], { softcap: float(0.7) }),
    opset: 23,
  },
  'Attention (soft cap, a mask, products beside)': {
    dims: ['N', 2, 3, 4],
    write: (g) => {
      g.node('Attention', ['x', 'x', 'x', weights(g, [3, 3], 6)], ['y', '', '', 'looked'], {
        softcap: float(0.7),
        qk_matmul_output_mode: 2,
      });
      return g.add(g.op('ReduceSum', ['y']), g.op('ReduceSum', ['looked']));
    },
    opset: 23,
  },
  'Attention (padded keys, causal)': {
    dims: [2, 2, 2, 4],
    write: (g) =>
      g.op(
        'Attention',
        [
          'x',
          weights(g, [2, 2, 5, 4], 1),
          weights(g, [2, 2, 5, 4], 2),
          '',
          '',
          '',
          g.filled('int64', [2], [3, 5]),
        ],
        { is_causal: 1 },
      ),
    opset: 24,
  },
  'Attention (past keys and values)': {
    dims: [2, 2, 3, 4],
    write: (g) => {
      const past = weights(g, [2, 2, 5, 4], 8);
      g.node('Attention', ['x', 'x', 'x', '', past, past], ['y', 'keys', 'values']);
      return g.add(g.op('ReduceSum', ['y']), g.op('ReduceSum', ['keys']));
    },
    opset: 23,
  },
  RotaryEmbedding: {
    dims: [2, 2, 3, 4],
    write: (g) => g.op('RotaryEmbedding', ['x', weights(g, [2, 3, 2], 1), weights(g, [2, 3, 2], 2)]),
    opset: 23,
  },
  'RotaryEmbedding (three dimensions, interleaved, positions, a part)': {
    dims: [2, 3, 12],
    write: (g) =>
      g.op(
        'RotaryEmbedding',
        ['x', weights(g, [5, 2], 1), weights(g, [5, 2], 2), g.filled('int64', [2, 3], [0, 1, 2, 4, 3, 1])],
        { num_heads: 2, interleaved: 1, rotary_embedding_dim: 4 },
      ),
    opset: 23,
  },
  RoiAlign: {
    dims: [2, 3, 6, 7],
    write: (g) => g.op('RoiAlign', ['x', boxes(g), g.filled('int64', [3], [1, 0, 1])], aligned),
    opset: 20,
  },
  'RoiAlign (pixels at their corners, scaled)': {
    dims: [2, 3, 6, 7],
    write: (g) =>
      g.op('RoiAlign', ['x', boxes(g), g.filled('int64', [3], [1, 0, 1])], {
        ...aligned,
        coordinate_transformation_mode: 'output_half_pixel',
        spatial_scale: float(0.5),
      }),
  },
  LSTM: { dims: [5, 2, 4], write: recurrent('LSTM', 4, {}) },
  'LSTM (both ways)': { dims: [5, 2, 4], write: recurrent('LSTM', 4, { direction: 'bidirectional' }, 2) },
  'LSTM (reverse)': { dims: [5, 2, 4], write: recurrent('LSTM', 4, { direction: 'reverse' }) },
  GRU: { dims: [5, 2, 4], write: recurrent('GRU', 3, { linear_before_reset: 1 }) },
  'GRU (reset before the product)': { dims: [5, 2, 4], write: recurrent('GRU', 3, {}) },
  RNN: { dims: [5, 2, 4], write: recurrent('RNN', 1, {}) },
  // One column stays one, however its position is written.
  'ai.onnx.ml.ArrayFeatureExtractor': {
    dims: ['N', 5],
    write: (g) => {
      const taken = [g.scalar(3, 'int64'), g.ints([0, 3]), g.filled('int64', [1, 2], [4, 1])].map((at) =>
        fused(g, 'ArrayFeatureExtractor', ['x', at], {}, 'ai.onnx.ml'),
      );
      return g.op('Concat', taken, { axis: 1 });
    },
  },
  'com.microsoft.Gelu': { dims: ['N', 7], write: (g) => fused(g, 'Gelu', ['x']) },
  'com.microsoft.BiasGelu': { dims: ['N', 7], write: (g) => fused(g, 'BiasGelu', ['x', weights(g, [7], 1)]) },
  'com.microsoft.FastGelu': { dims: ['N', 7], write: (g) => fused(g, 'FastGelu', ['x']) },
  'com.microsoft.QuickGelu': {
    dims: ['N', 7],
    write: (g) => fused(g, 'QuickGelu', ['x'], { alpha: float(1.5) }),
  },
  'com.microsoft.FusedConv': {
    dims: ['N', 2, 5, 5],
    write: (g) =>
      fused(g, 'FusedConv', ['x', weights(g, [3, 2, 3, 3], 1), weights(g, [3], 2)], {
        activation: 'LeakyRelu',
        activation_params: { floats: [0.2] },
        pads: [1, 1, 1, 1],
        strides: [2, 2],
      }),
  },
  'com.microsoft.FusedGemm': {
    dims: ['N', 5],
    write: (g) =>
      fused(g, 'FusedGemm', ['x', weights(g, [5, 3], 1), weights(g, [3], 2)], { activation: 'Tanh' }),
  },
  'com.microsoft.FusedMatMul': {
    dims: ['N', 5, 4],
    write: (g) =>
      fused(g, 'FusedMatMul', ['x', weights(g, [3, 5], 1)], { transA: 1, transB: 1, alpha: float(0.5) }),
  },
  'com.microsoft.SkipLayerNormalization': {
    dims: ['N', 3, 5],
    write: (g) =>
      fused(g, 'SkipLayerNormalization', ['x', g.op('Tanh', ['x']), weights(g, [5], 1), weights(g, [5], 2)], {
        epsilon: float(1e-5),
      }),
  },
};

const graphOfCase = ({ dims, write, opset = 18 }: Case): Graph => ({
  ...graphOf({ x: dims }, write, opset),
  domains: new Map([['com.microsoft', 1]]),
});

describe('written in simpler operators', () => {
  it.each(Object.entries(cases))('%s gives the same numbers and the right gradient', async (_, test) => {
    const graph = graphOfCase(test);
    const feeds: Feeds = {
      x: spaced(
        test.dims.map((size) => (typeof size === 'number' ? size : 2)),
        11,
      ),
    };
    const plain = await (await openSession(graph)).run(feeds);
    const [name] = Object.keys(plain);
    const cotangent = random(plain[name].dims, 5);
    const both = await (
      await openSession(withGradients(graph))
    ).run({ ...feeds, [`cotangent:${name}`]: cotangent });
    expect(relativeError(both[name].data as Float32Array, plain[name].data as Float32Array)).toBeLessThan(
      1e-5,
    );
    await expectGradients(graph, feeds);
  });
});

it('casts to the type that a value has are left out', () => {
  const graph = graphOf(
    { x: ['N', 3] },
    (g) => g.cast(g.op('Tanh', [g.cast('x', 'float32')]), 'float32'),
    18,
  );
  expect(normalize(graph).graph.nodes.map(({ op }) => op)).toEqual(['Identity', 'Tanh', 'Identity']);
});
