import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Stream } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';

/** Largest difference allowed between wasm and the cpu backend, relative to the largest value. */
const tolerance = 1e-4;

async function on(device: 'wasm' | 'cpu', work: () => tf.Tensor): Promise<Float32Array> {
  await openEngine(`tfjs:${device}`);
  const result = tf.tidy(work);
  const values = (await result.data()).slice() as Float32Array;
  result.dispose();
  return values;
}

async function expectSame(work: () => tf.Tensor): Promise<void> {
  const [wasm, cpu] = [await on('wasm', work), await on('cpu', work)];
  expectClose(wasm, cpu);
}

function expectClose(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  const scale = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-6);
  const worst = actual.reduce((a, b, i) => Math.max(a, Math.abs(b - expected[i])), 0);
  expect(worst / scale).toBeLessThan(tolerance);
}

const values = (stream: Stream, shape: number[]) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal());

/** A convolution drawn at random: shapes, strides, padding, dilation. */
function randomConvolution(i: number, depthwise: boolean) {
  const stream = new Stream('kernels', i, Number(depthwise));
  const [h, w, c, f] = [
    5 + stream.integer(8),
    5 + stream.integer(8),
    1 + stream.integer(4),
    1 + stream.integer(4),
  ];
  const [kh, kw] = [1 + stream.integer(4), 1 + stream.integer(4)];
  const dilated = stream.integer(3) === 0;
  const strides: [number, number] = dilated
    ? [1, 1]
    : depthwise
      ? twice(1 + stream.integer(3))
      : [1 + stream.integer(3), 1 + stream.integer(3)];
  const dilations: [number, number] = dilated ? [1 + stream.integer(2), 1 + stream.integer(2)] : [1, 1];
  // A pad that is one number makes TensorFlow.js take filter and stride for square, and write out of bounds on wasm.
  const explicit: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [stream.integer(4), stream.integer(4)],
    [stream.integer(4), stream.integer(4)],
    [0, 0],
  ];
  const pads = ['valid', 'same', explicit] as const;
  const pad = pads[stream.integer(dilated || depthwise ? 2 : 3)] as 'valid' | 'same';
  const x = values(stream, [2, h, w, c]);
  const filter = values(stream, [kh, kw, c, f]);
  return {
    x,
    filter,
    xShape: [2, h, w, c] as [number, number, number, number],
    filterShape: [kh, kw, c, f] as [number, number, number, number],
    strides,
    pad,
    dilations,
  };
}
const twice = (n: number): [number, number] => [n, n];

type Convolution = ReturnType<typeof randomConvolution>;

/** Does the filter, with its holes, fit into the input? */
const fits = ({ xShape, filterShape, dilations, pad }: Convolution) =>
  pad !== 'valid' ||
  [0, 1].every((axis) => (filterShape[axis] - 1) * dilations[axis] + 1 <= xShape[axis + 1]);

/** d/dx of Σ cos(index) · conv(x): every output position weighs differently. */
function inputGradient({ x, xShape }: Convolution, conv: (x: tf.Tensor4D) => tf.Tensor4D): tf.Tensor {
  const weigh = (y: tf.Tensor4D) => tf.sum(tf.mul(y, tf.reshape(tf.cos(tf.range(0, y.size)), y.shape)));
  return tf.grad((input) => weigh(conv(input as tf.Tensor4D)))(tf.tensor4d(x, xShape));
}

/** The filter with zeros in its holes, so that the cpu backend needs no dilation. */
function withHoles({ filter, filterShape: [kh, kw, c, f], dilations: [dh, dw] }: Convolution): tf.Tensor4D {
  const [height, width] = [(kh - 1) * dh + 1, (kw - 1) * dw + 1];
  const out = new Float32Array(height * width * c * f);
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      for (let k = 0; k < c * f; k++)
        out[(i * dh * width + j * dw) * c * f + k] = filter[(i * kw + j) * c * f + k];
    }
  }
  return tf.tensor4d(out, [height, width, c, f]);
}

describe('kernels that replace those of wasm', () => {
  beforeAll(async () => {
    await openEngine('tfjs:wasm');
  });

  for (let i = 0; i < 40; i++) {
    const conv = randomConvolution(i, false);
    if (!fits(conv)) continue;
    const { filter, filterShape, strides, pad, dilations } = conv;
    it(`conv2d input gradient ${JSON.stringify({ x: conv.xShape, filterShape, strides, pad, dilations })}`, async () => {
      const wasm = await on('wasm', () =>
        inputGradient(conv, (x) =>
          tf.conv2d(x, tf.tensor4d(filter, filterShape), strides, pad, 'NHWC', dilations),
        ),
      );
      const cpu = await on('cpu', () =>
        inputGradient(conv, (x) => tf.conv2d(x, withHoles(conv), strides, pad)),
      );
      expectClose(wasm, cpu);
    });
  }

  for (let i = 0; i < 30; i++) {
    const conv = randomConvolution(i, true);
    if (!fits(conv)) continue;
    const { filter, filterShape, strides, pad, dilations } = conv;
    it(`depthwise input gradient ${JSON.stringify({ x: conv.xShape, filterShape, strides, pad, dilations })}`, async () => {
      const wasm = await on('wasm', () =>
        inputGradient(conv, (x) =>
          tf.depthwiseConv2d(x, tf.tensor4d(filter, filterShape), strides, pad, 'NHWC', dilations),
        ),
      );
      const cpu = await on('cpu', () =>
        inputGradient(conv, (x) => tf.depthwiseConv2d(x, withHoles(conv), strides, pad)),
      );
      expectClose(wasm, cpu);
    });
  }

  for (const [transposeA, transposeB] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ]) {
    for (const batch of [[], [1], [3]]) {
      it(`matMul of batch [${batch.join()}], transposed ${transposeA}, ${transposeB}`, async () => {
        const stream = new Stream('matmul', batch.length);
        const a = [...batch, ...(transposeA ? [7, 5] : [5, 7])];
        const b = [...batch, ...(transposeB ? [4, 7] : [7, 4])];
        const [left, right] = [values(stream, a), values(stream, b)];
        await expectSame(() => tf.matMul(tf.tensor(left, a), tf.tensor(right, b), transposeA, transposeB));
      });
    }
  }

  // Whole numbers from −2 to 2: many ties within a window, windows of negative numbers, and of zeros.
  for (const { shape, size, strides, pad } of [
    { shape: [3, 6, 6, 4], size: [2, 2], strides: [2, 2], pad: 'valid' },
    { shape: [2, 6, 9, 3], size: [2, 3], strides: [2, 3], pad: 'same' },
    { shape: [2, 7, 5, 2], size: [2, 2], strides: [2, 2], pad: 'valid' },
  ] as const)
    it(`max pool gradient ${JSON.stringify({ shape, size, strides, pad })}`, async () => {
      const stream = new Stream('max-pool', ...shape);
      const x = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.integer(5) - 2);
      await expectSame(() =>
        tf.grad((input) => {
          const y = tf.maxPool(input as tf.Tensor4D, [...size], [...strides], pad);
          return tf.sum(tf.mul(y, tf.reshape(tf.cos(tf.range(0, y.size)), y.shape)));
        })(tf.tensor4d(x, [...shape])),
      );
    });

  it('max pool gradient of windows that overlap, where no two values are equal', async () => {
    const x = values(new Stream('max-pool'), [2, 6, 6, 2]);
    await expectSame(() =>
      tf.grad((input) => tf.sum(tf.square(tf.maxPool(input as tf.Tensor4D, 3, [1, 2], 'same'))))(
        tf.tensor4d(x, [2, 6, 6, 2]),
      ),
    );
  });

  it.each<[number[], number[], tf.DataType]>([
    [[2, 0, 0], [3, 4, 2], 'float32'],
    [[1, 1, 0], [1, 2, 2], 'int32'],
    [[0, 0, 0], [5, 4, 2], 'float32'],
    [[4, 3, 1], [1, 1, 1], 'int32'],
    [[1, 0, 0], [2, 3, 2], 'float32'],
    [[0, 1, 1], [-1, 2, 1], 'int32'],
  ])('slices from %j of size %j, %s', async (begin, size, dtype) => {
    const x = () => tf.cast(tf.reshape(tf.range(0, 40), [5, 4, 2]), dtype);
    await expectSame(() => tf.slice(x(), begin, size));
  });

  it('slices rows without a copy of the whole', async () => {
    await openEngine('tfjs:wasm');
    const x = tf.reshape(tf.range(0, 40), [5, 8]);
    const read = vi.spyOn(tf.backend(), 'readSync');
    const rows = tf.slice(x, [2, 0], [2, 8]);
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
    expect([...(await rows.data())]).toEqual(Array.from({ length: 16 }, (_, i) => 16 + i));
    tf.dispose([x, rows]);
  });

  it('multiplies a batch of one exactly as it multiplies a larger batch', async () => {
    const stream = new Stream('matmul-batch');
    const [a, b] = [values(stream, [3, 33, 70]), values(stream, [3, 70, 10])];
    const together = await on('wasm', () => tf.matMul(tf.tensor(a, [3, 33, 70]), tf.tensor(b, [3, 70, 10])));
    const alone = await on('wasm', () =>
      tf.matMul(tf.tensor(a.slice(0, 33 * 70), [1, 33, 70]), tf.tensor(b.slice(0, 700), [1, 70, 10])),
    );
    expect(alone).toEqual(together.slice(0, 330));
  });

  it('shares memory in clones and keeps it until the last one goes', async () => {
    await openEngine('tfjs:wasm');
    const before = tf.memory();
    const x = tf.tensor1d([1, 2, 3]);
    const y = tf.clone(x);
    expect(y.dataId).toBe(x.dataId);
    x.dispose();
    expect([...(await y.data())]).toEqual([1, 2, 3]);
    y.dispose();
    expect(tf.memory()).toEqual(before);
  });
});
