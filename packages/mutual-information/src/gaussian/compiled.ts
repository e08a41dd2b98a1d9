import type { GraphRunner } from '@gauntlet/api';
import { Builder, type Graph, type Value, serializeModel } from '@gauntlet/onnx-gradient';
import type { Session, View } from '../estimator.js';
import { float, graphOf } from '../graph.js';
import { neverAlone, rowsOf } from '../rows.js';
import { type CleanSide, information } from './gaussian.js';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';

type Shape = readonly [number, number, number, number];

interface Compiled {
  /** u, scale, part → C_vv, C_uv */
  covariances: Promise<ort.InferenceSession>;
  /** u, scale, part, onV, onU → dI/dpart */
  gradient: Promise<ort.InferenceSession>;
}

/**
 * The Gaussian estimate on ONNX Runtime: what grows with the positions (covariances, and the gradient's products)
 * in graphs, the algebra of channels × channels matrices on the host in double precision.
 */
export class CompiledGaussianSession implements Session {
  #precisions: Float64Array[];
  /** [n,P,C] and [n,1,1] of the clean side. */
  #u: ort.Tensor;
  #scale: ort.Tensor;
  readonly #shape: Shape;
  readonly #compiled: Compiled;

  constructor(sides: readonly CleanSide[], shape: Shape, open: GraphRunner) {
    const [n, h, w, channels] = shape;
    const u = new Float32Array(n * h * w * channels);
    sides.forEach((side, i) => u.set(side.u, i * h * w * channels));
    const scales = Float32Array.from(sides, ({ scale }) => scale);
    this.#u = neverAlone(new ort.Tensor('float32', u, [n, h * w, channels]));
    this.#scale = neverAlone(new ort.Tensor('float32', scales, [n, 1, 1]));
    this.#precisions = sides.map(({ precision }) => precision);
    this.#shape = shape;
    this.#compiled = compiled(shape, open);
  }

  async estimate(perturbed: View): Promise<tf.Tensor1D> {
    const { results } = await this.#information(perturbed, false);
    return tf.tensor1d(results.map(({ value }) => value));
  }

  async differentiate(perturbed: View) {
    const { feeds, results } = await this.#information(perturbed, true);
    const channels = this.#shape[3];
    const matrices = (pick: (r: (typeof results)[number]) => Float64Array) => {
      const all = new Float32Array(results.length * channels * channels);
      results.forEach((result, i) => all.set(pick(result), i * channels * channels));
      return neverAlone(new ort.Tensor('float32', all, [results.length, channels, channels]));
    };
    const onV = matrices((result) => result.onV);
    const onU = matrices((result) => result.onU);
    const { size } = perturbed.preactivation;
    const { gradient } = await (await this.#compiled.gradient).run({ ...feeds, onV, onU });
    return {
      value: tf.tensor1d(results.map(({ value }) => value)),
      of: 'preactivation' as const,
      cotangent: tf.tensor4d(
        (gradient.data as Float32Array).subarray(0, size),
        perturbed.preactivation.shape,
      ),
    };
  }

  async train(): Promise<void> {}

  keep(rows: readonly number[]): void {
    this.#precisions = rows.map((row) => this.#precisions[row]);
    this.#u = neverAlone(rowsOf(this.#u, rows));
    this.#scale = neverAlone(rowsOf(this.#scale, rows));
  }

  dispose(): void {
    this.keep([]);
  }

  async #information(perturbed: View, gradient: boolean) {
    const [, h, w, channels] = this.#shape;
    const data = (await perturbed.preactivation.data()) as Float32Array;
    const part = neverAlone(new ort.Tensor('float32', data, [this.#precisions.length, h, w, channels]));
    const feeds = { u: this.#u, scale: this.#scale, part };
    const { variance, cross } = await (await this.#compiled.covariances).run(feeds);
    const size = channels * channels;
    const matrix = ({ data }: ort.Tensor, i: number) =>
      Float64Array.from((data as Float32Array).subarray(i * size, (i + 1) * size));
    const results = this.#precisions.map((precision, i) =>
      information(precision, matrix(variance, i), matrix(cross, i), channels, gradient),
    );
    return { feeds, results };
  }
}

const caches = new WeakMap<GraphRunner, Map<string, Compiled>>();

function compiled(shape: Shape, open: GraphRunner): Compiled {
  const cache = caches.get(open) ?? new Map<string, Compiled>();
  caches.set(open, cache);
  const key = shape.slice(1).join();
  let found = cache.get(key);
  if (!found) {
    found = {
      covariances: open(serializeModel(covarianceGraph(shape))),
      gradient: open(serializeModel(gradientGraph(shape))),
    };
    cache.set(key, found);
  }
  return found;
}

/** The part as centred and scaled positions × channels: v. */
function written([, h, w, channels]: Shape): { g: Builder; v: string; inputs: Value[] } {
  const inputs = [
    float('u', ['n', h * w, channels]),
    float('scale', ['n', 1, 1]),
    float('part', ['n', h, w, channels]),
  ];
  const g = new Builder(['u', 'scale', 'part', 'onV', 'onU']);
  const rows = g.op('Reshape', ['part', g.ints([0, h * w, channels])]);
  return { g, v: g.mul(g.sub(rows, g.mean(rows, [1])), 'scale'), inputs };
}

function covarianceGraph(shape: Shape): Graph {
  const { g, v, inputs } = written(shape);
  const [, h, w, channels] = shape;
  const share = g.scalar(1 / (h * w), 'float32');
  const product = (a: string, name: string) =>
    g.node('Mul', [g.op('MatMul', [g.transpose(a, [0, 2, 1]), v]), share], [name]);
  product(v, 'variance');
  product('u', 'cross');
  const matrix = ['n', channels, channels];
  return graphOf(g, inputs, [float('variance', matrix), float('cross', matrix)]);
}

function gradientGraph(shape: Shape): Graph {
  const { g, v, inputs } = written(shape);
  const [, h, w, channels] = shape;
  const sum = g.add(g.op('MatMul', [v, 'onV']), g.op('MatMul', ['u', 'onU']));
  const scaled = g.mul(sum, g.mul('scale', g.scalar(1 / (h * w), 'float32')));
  g.node('Reshape', [scaled, g.ints([0, h, w, channels])], ['gradient']);
  const matrix = ['n', channels, channels];
  return graphOf(
    g,
    [...inputs, float('onV', matrix), float('onU', matrix)],
    [float('gradient', ['n', h, w, channels])],
  );
}
