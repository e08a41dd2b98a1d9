import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { cotangentOf, type GradientOptions, gradientOf, withGradients } from '../gradient.js';
import { graphOf, openSession } from '../gradient.test-support.js';
import type { Builder } from '../graph/builder.js';

/** Windows of 2 × 2: all the same, two largest, one largest, all the same. */
const image = [3, 3, 5, 1, 3, 3, 2, 5, 0, 1, 4, 4, 0, 0, 4, 4];

/** dy/dx of an operator on one image of 4 × 4 pixels, where dy is 1, 2, 3, … . */
async function gradient(write: (g: Builder) => string, dims: number[], options?: GradientOptions) {
  const session = await openSession(withGradients(graphOf({ x: [1, 1, 4, 4] }, write), options));
  const size = dims.reduce((a, b) => a * b, 1);
  const dy = Float32Array.from({ length: size }, (_, i) => i + 1);
  const found = await session.run({
    x: new ort.Tensor('float32', Float32Array.from(image), [1, 1, 4, 4]),
    [cotangentOf(session.outputNames[0])]: new ort.Tensor('float32', dy, dims),
  });
  await session.release();
  return Array.from(found[gradientOf('x')].data as Float32Array);
}

const pool = (g: Builder) => g.op('MaxPool', ['x'], { kernel_shape: [2, 2], strides: [2, 2] });

describe('where several cells are the maximum', () => {
  it('the first of them gets the gradient, where the pool tells positions', async () => {
    const first = [1, 0, 2, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0];
    expect(await gradient(pool, [1, 1, 2, 2])).toEqual(first);
  });

  it('they share it where positions are found by comparing', async () => {
    const shared = [0.25, 0.25, 1, 0, 0.25, 0.25, 0, 1, 0, 3, 1, 1, 0, 0, 1, 1];
    expect(await gradient(pool, [1, 1, 2, 2], { target: 'webgpu' })).toEqual(shared);
  });

  it('they share it in a pool over all of the image', async () => {
    const global = (g: Builder) => g.op('GlobalMaxPool', ['x']);
    expect(await gradient(global, [1, 1, 1, 1])).toEqual(image.map((value) => (value === 5 ? 0.5 : 0)));
  });
});

/** dy/da, dy/db, dy/dc of an operator on three vectors. */
async function ofThree(write: (g: Builder) => string) {
  const graph = graphOf({ a: [5], b: [5], c: [5] }, write);
  const session = await openSession(withGradients(graph));
  const vector = (values: number[]) => new ort.Tensor('float32', Float32Array.from(values), [5]);
  const found = await session.run({
    a: vector([1, 2, 2, 3, 4]),
    b: vector([1, 2, 1, 3, 5]),
    c: vector([1, 1, 2, 5, 5]),
    [cotangentOf(session.outputNames[0])]: vector([1, 2, 3, 4, 5]),
  });
  await session.release();
  return ['a', 'b', 'c'].map((name) => [...(found[gradientOf(name)].data as Float32Array)]);
}

describe('where several operands are the extremum', () => {
  it('the first of them gets the gradient', async () => {
    expect(await ofThree((g) => g.op('Max', ['a', 'b', 'c']))).toEqual([
      [1, 2, 3, 0, 0],
      [0, 0, 0, 0, 5],
      [0, 0, 0, 4, 0],
    ]);
    expect(await ofThree((g) => g.op('Min', ['a', 'b', 'c']))).toEqual([
      [1, 0, 0, 4, 5],
      [0, 0, 3, 0, 0],
      [0, 2, 0, 0, 0],
    ]);
    const two = (op: string) => (g: Builder) =>
      g.add(g.op(op, ['a', 'b']), g.mul('c', g.scalar(0, 'float32')));
    expect((await ofThree(two('Max'))).slice(0, 2)).toEqual([
      [1, 2, 3, 4, 0],
      [0, 0, 0, 0, 5],
    ]);
  });

  it('at a limit itself the gradient passes', async () => {
    const clip = (g: Builder) => g.op('Clip', ['x', g.scalar(1, 'float32'), g.scalar(4, 'float32')]);
    const whole = (value: number, i: number) => (value >= 1 && value <= 4 ? i + 1 : 0);
    expect(await gradient(clip, [1, 1, 4, 4])).toEqual(image.map(whole));
  });

  it('of several largest of an axis all share', async () => {
    const largest = (g: Builder) => g.op('ReduceMax', ['x', g.ints([3])], { keepdims: 0 });
    const rows = [0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 1.5, 1.5, 0, 0, 2, 2];
    expect(await gradient(largest, [1, 1, 4])).toEqual(rows);
  });

  it('the length of a vector of zeros has the gradient 0', async () => {
    const length = (g: Builder) => g.op('ReduceL2', [g.mul('x', g.scalar(0, 'float32')), g.ints([3])]);
    expect(await gradient(length, [1, 1, 4, 1])).toEqual(image.map(() => 0));
  });
});
