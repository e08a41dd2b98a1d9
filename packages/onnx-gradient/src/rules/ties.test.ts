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
