import { expect, it } from 'vitest';
import { type GradientOptions, splitGradients } from '../gradient.js';
import { graphOf } from '../gradient.test-support.js';
import type { Builder } from '../graph/builder.js';
import type { AttributeInput } from '../model/attributes.js';
import type { Dim } from '../model/graph.js';

/** Operators of the backward pass; integers and shapes are constants, or come with the forward pass. */
const written = (dims: readonly Dim[], write: (g: Builder) => string, options?: GradientOptions) =>
  splitGradients(graphOf({ x: dims }, write), options)
    .backward.nodes.map(({ op }) => op)
    .filter((op) => op !== 'Identity');

const ones = (g: Builder, dims: number[]) => {
  const size = dims.reduce((a, b) => a * b, 1);
  return g.filled('float32', dims, Array<number>(size).fill(1));
};
const conv = (filter: number[], attributes: Record<string, AttributeInput> = {}) => ({
  dims: ['N', filter[1] * Number(attributes.group ?? 1), 6, 7],
  write: (g: Builder) => g.op('Conv', ['x', ones(g, filter)], attributes),
});
const webgpu = { target: 'webgpu' } as const;
const parts = (groups: number) => Array(groups).fill(['Slice', 'Slice', 'ConvTranspose']).flat() as string[];

interface Form {
  dims: readonly Dim[];
  write: (g: Builder) => string;
  options?: GradientOptions;
}

it.each<[string, Form, string[]]>([
  ['few channels are convolved transposed, which is faster', conv([3, 8, 3, 3]), ['ConvTranspose']],
  ['more are convolved with the turned filter', conv([3, 9, 3, 3]), ['Conv']],
  ['so are groups', conv([4, 4, 3, 3], { group: 2 }), ['Conv']],
  ['and few on WebGPU', { ...conv([3, 8, 3, 3]), options: webgpu }, ['Conv']],
  ['not with a stride', conv([3, 9, 3, 3], { strides: [1, 2] }), ['ConvTranspose']],
  ['up to pads as wide as the filter', conv([3, 9, 3, 2], { pads: [2, 1, 2, 1] }), ['Conv']],
  [
    'which is wider if it is dilated',
    conv([3, 9, 3, 2], { dilations: [2, 3], pads: [4, 3, 4, 3] }),
    ['Conv'],
  ],
  ['not with wider pads in front', conv([3, 9, 3, 2], { pads: [2, 2, 2, 1] }), ['ConvTranspose']],
  ['or behind', conv([3, 9, 3, 2], { pads: [2, 1, 2, 2] }), ['ConvTranspose']],
  [
    'WebGPU convolves groups that give one channel each one by one',
    { ...conv([8, 1, 3, 3], { group: 2, strides: [2, 2] }), options: webgpu },
    [...parts(2), 'Concat'],
  ],
  ['other devices at once', conv([8, 1, 3, 3], { group: 2, strides: [2, 2] }), ['ConvTranspose']],
  [
    'and WebGPU where a group takes one channel',
    { ...conv([4, 1, 3, 3], { group: 4, strides: [2, 2] }), options: webgpu },
    ['ConvTranspose'],
  ],
  [
    'or where there are no groups',
    { ...conv([4, 2, 3, 3], { strides: [2, 2] }), options: webgpu },
    ['ConvTranspose'],
  ],
  [
    'nothing is cut off a transposed convolution that has no row too many',
    {
      dims: ['N', 2, 4, 3],
      write: (g) => g.op('ConvTranspose', ['x', ones(g, [2, 3, 3, 2])], { pads: [1, 0, 0, 1] }),
    },
    ['Conv'],
  ],
  [
    'nor of one whose sizes are open',
    { dims: ['N', 2, 'h', 3], write: (g) => g.op('ConvTranspose', ['x', ones(g, [2, 3, 3, 2])]) },
    ['Conv'],
  ],
  [
    'but rows are that no window of the input gave',
    {
      dims: ['N', 2, 4, 3],
      write: (g) =>
        g.op('ConvTranspose', ['x', ones(g, [2, 3, 3, 2])], { strides: [2, 2], output_padding: [2, 0] }),
    },
    ['Conv', 'Slice'],
  ],
])('%s', (_, { dims, write, options }, expected) => {
  expect(written(dims, write, options)).toEqual(expected);
});
