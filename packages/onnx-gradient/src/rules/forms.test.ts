import { expect, it } from 'vitest';
import { type GradientOptions, splitGradients } from '../gradient.js';
import { graphOf } from '../gradient.test-support.js';
import type { Builder } from '../graph/builder.js';
import type { AttributeInput } from '../model/attributes.js';
import type { Dim } from '../model/graph.js';

interface Form {
  dims: readonly Dim[];
  write: (g: Builder) => string;
  options?: GradientOptions;
}

/** Operators of the backward pass; integers and shapes are constants, or come with the forward pass. */
const written = ({ dims, write, options }: Form) =>
  splitGradients(graphOf({ x: dims }, write), options)
    .backward.nodes.map(({ op }) => op)
    .filter((op) => op !== 'Identity');

const ones = (g: Builder, dims: number[]) => {
  const size = dims.reduce((a, b) => a * b, 1);
  return g.filled('float32', dims, Array<number>(size).fill(1));
};
const on = (
  dims: readonly Dim[],
  op: string,
  attributes: Record<string, AttributeInput> = {},
  rest: (g: Builder) => string[] = () => [],
): Form => ({ dims, write: (g) => g.op(op, ['x', ...rest(g)], attributes) });
const conv = (filter: number[], attributes: Record<string, AttributeInput> = {}) =>
  on(['N', filter[1] * Number(attributes.group ?? 1), 6, 7], 'Conv', attributes, (g) => [ones(g, filter)]);
const transposed = (dims: readonly Dim[], attributes: Record<string, AttributeInput> = {}) =>
  on(dims, 'ConvTranspose', attributes, (g) => [ones(g, [2, 3, 3, 2])]);
const onWebGpu = (form: Form): Form => ({ ...form, options: { target: 'webgpu' } });
const parts = (groups: number) => Array(groups).fill(['Slice', 'Slice', 'ConvTranspose']).flat() as string[];
const pool = (op: string, attributes: Record<string, AttributeInput> = {}) =>
  on(['N', 2, 4, 6], op, { kernel_shape: [2, 2], strides: [2, 2], ...attributes });
const integers =
  (...all: number[][]) =>
  (g: Builder) =>
    all.map((values) => g.ints(values));
const two = (op: string): Form => ({
  dims: ['N', 4],
  write: (g) => g.op(op, ['x', g.op('Abs', ['x'])]),
});
const repeated = (scales: number[]) =>
  on(
    [2, 3, 4, 5].slice(0, scales.length),
    'Resize',
    { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    (g) => ['', g.filled('float32', [scales.length], scales)],
  );

it.each<[string, Form, string[]]>([
  ['few channels are convolved transposed, which is faster', conv([3, 8, 3, 3]), ['ConvTranspose']],
  ['more are convolved with the turned filter', conv([3, 9, 3, 3]), ['Conv']],
  ['so are groups', conv([4, 4, 3, 3], { group: 2 }), ['Conv']],
  ['and few on WebGPU', onWebGpu(conv([3, 8, 3, 3])), ['Conv']],
  [
    'sizes may be open where the stride is 1',
    on(['N', 4, 'h', 'w'], 'Conv', {}, (g) => [ones(g, [3, 4, 3, 3])]),
    ['ConvTranspose'],
  ],
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
    'WebGPU takes groups that give one channel of several one by one',
    onWebGpu(conv([8, 1, 3, 3], { group: 2, strides: [2, 2] })),
    [...parts(2), 'Concat'],
  ],
  ['other devices at once', conv([8, 1, 3, 3], { group: 2, strides: [2, 2] }), ['ConvTranspose']],
  [
    'and WebGPU where a group takes one channel',
    onWebGpu(conv([4, 1, 3, 3], { group: 4, strides: [2, 2] })),
    ['ConvTranspose'],
  ],
  ['or where there are no groups', onWebGpu(conv([4, 2, 3, 3], { strides: [2, 2] })), ['ConvTranspose']],
  [
    'nothing is cut off a transposed convolution that has no row too many',
    transposed(['N', 2, 4, 3], { pads: [1, 0, 0, 1] }),
    ['Conv'],
  ],
  ['nor of one whose sizes are open', transposed(['N', 2, 'h', 3]), ['Conv']],
  [
    'but rows are that no window of the input gave',
    transposed(['N', 2, 4, 3], { strides: [2, 2], output_padding: [2, 0] }),
    ['Conv', 'Slice'],
  ],
  ['windows that are all whole share by one number', pool('AveragePool'), ['ConvTranspose']],
  [
    'windows over an edge by how much of them is inside',
    pool('AveragePool', { pads: [1, 0, 1, 0] }),
    ['Div', 'ConvTranspose'],
  ],
  ['known sizes are one number', on(['N', 2, 4, 6], 'GlobalAveragePool'), ['Mul', 'Expand']],
  [
    'positions along the last axis are one product',
    on([3, 5], 'Gather', { axis: 1 }, integers([2, 0])),
    ['MatMul'],
  ],
  [
    'along another one they are turned there and back',
    on([5, 3], 'Gather', {}, integers([2, 0])),
    ['Transpose', 'MatMul', 'Transpose'],
  ],
  ['one after the other they are padded', on([5, 3], 'Gather', {}, integers([2, 3])), ['Pad']],
  ['all of them are left', on([5, 3], 'Gather', {}, integers([0, 1, 2, 3, 4])), []],
  ['so is a slice of all', on(['N', 3], 'Slice', {}, integers([0], [2 ** 31 - 1], [0])), []],
  ['a pad in front is cut off', on([5, 3], 'Pad', {}, integers([2, 0, 0, 0])), ['Slice']],
  ['and one behind', on([5, 3], 'Pad', {}, integers([0, 0, 0, 1])), ['Slice']],
  ['a square is doubled', on(['N', 4], 'Pow', {}, (g) => [g.scalar(2, 'float32')]), ['Mul', 'Mul']],
  [
    'an exponent of the same type is left',
    on(['N', 4], 'Pow', {}, (g) => [g.scalar(3, 'float32')]),
    ['Sub', 'Pow', 'Mul', 'Mul'],
  ],
  [
    'of two the larger is compared once',
    two('Max'),
    ['GreaterOrEqual', 'Where', 'Where', 'Sign', 'Mul', 'Add'],
  ],
  [
    'a product by letters is one',
    on([2, 3], 'Einsum', { equation: 'ij,jk->ik' }, (g) => [ones(g, [3, 4])]),
    ['Einsum'],
  ],
  [
    'and repeated along those that were summed over',
    on([2, 3], 'Einsum', { equation: 'ij->i' }),
    ['Einsum', 'Unsqueeze', 'Expand'],
  ],
  [
    'or that met larger sizes, as sums',
    on([2, 1], 'Einsum', { equation: 'ij,ij->ij' }, (g) => [ones(g, [2, 4])]),
    ['Einsum', 'ReduceSum'],
  ],
  ['whole repeats are summed by a pool', repeated([1, 1, 2, 1]), ['AveragePool', 'Mul']],
  ['of lines, too', repeated([1, 1, 3]), ['AveragePool', 'Mul']],
  ['of channels and of a matrix by a product', repeated([1, 2, 1, 1]), ['Transpose', 'MatMul', 'Transpose']],
  ['along the last axis of a matrix', repeated([1, 2]), ['MatMul']],
  [
    'a batch normalisation of known numbers is one factor',
    on(['N', 3, 4], 'BatchNormalization', {}, (g) => [1, 2, 3, 4].map(() => ones(g, [3]))),
    ['Mul'],
  ],
  ['what was not repeated is not summed', on(['N', 1], 'Add', {}, (g) => [ones(g, [1, 1])]), []],
  ['what was is', on([1, 4], 'Add', {}, (g) => [ones(g, [3, 4])]), ['ReduceSum']],
  ['and has its rank again', on([1, 4], 'Add', {}, (g) => [ones(g, [2, 3, 4])]), ['ReduceSum', 'Reshape']],
  [
    'a crop leaves axes that it takes whole',
    on(
      [2, 3, 4, 5],
      'Resize',
      { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize' },
      (g) => [g.filled('float32', [8], [0, 0, 0, 0.5, 1, 1, 1, 1]), '', g.ints([2, 3, 4, 4])],
    ),
    ['MatMul'],
  ],
])('%s', (_, form, expected) => {
  expect(written(form)).toEqual(expected);
});

it('a pool on WebGPU is padded where a window goes over an edge, and nowhere else', () => {
  expect(written(onWebGpu(pool('MaxPool')))).not.toContain('Pad');
  expect(written(onWebGpu(pool('MaxPool', { pads: [1, 0, 0, 0] })))).toContain('Pad');
});
