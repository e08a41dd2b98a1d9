// A classifier that anybody can check by hand, and images that it takes for their class, in whatever form a file has them.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { npzBytes } from '@gauntlet/core';
import {
  Attributes,
  Builder,
  type Dim,
  type ElementType,
  type Graph,
  writeModel,
} from '@gauntlet/onnx-gradient';
import { temporary } from '../support/cli.js';

export const folder = temporary('forms');
export const [n, side, classes] = [9, 4, 3];
let count = 0;
export const fresh = (name: string) => path.join(folder, `${count++}-${name}`);

/** A row of the table: a form, and what becomes of it. */
export interface Form {
  form: string;
  /** What a spec says of it, made when it is needed. */
  spec: () => Promise<Parts> | Parts;
  /** What the refusal says, the way out included; without it, the form has to be attacked with success. */
  refused?: RegExp;
}
export interface Parts {
  victim?: object;
  dataset?: object;
  attack?: object;
}

export const pgd = { use: 'pgd', params: { epsilon: 0.2, steps: 5, restarts: 1 } };
/** For what has no gradient. */
export const byDecisions = { use: 'hop-skip-jump', params: { norm: 'l2', queries: 200 } };

export const labels = Int32Array.from({ length: n }, (_, i) => i % classes);
/** Value of pixel (y, x) of image i: brighter at every third place in reading order, from the label on. */
export const grey = (i: number, y: number, x: number): number =>
  (y * side + x) % classes === labels[i] ? 0.6 : 0.4 + 0.02 * ((i + x) % 3);
/** The channel that is the label is brightest, so that an order mixed up is another class. */
export const colour = (i: number, y: number, x: number, c: number): number =>
  c === labels[i] ? 0.6 : 0.4 + 0.02 * ((i + x + y) % 3);

/** [n·16], or [n·48] in the order that is asked for. */
export function pixels(channels: 1 | 3, order: 'nhwc' | 'nchw' = 'nhwc'): Float32Array {
  const images: number[] = [];
  const places = Array.from({ length: side * side }, (_, i) => [Math.floor(i / side), i % side] as const);
  for (let i = 0; i < n; i++) {
    if (channels === 1) images.push(...places.map(([y, x]) => grey(i, y, x)));
    else if (order === 'nhwc')
      images.push(...places.flatMap(([y, x]) => [0, 1, 2].map((c) => colour(i, y, x, c))));
    else images.push(...[0, 1, 2].flatMap((c) => places.map(([y, x]) => colour(i, y, x, c))));
  }
  return Float32Array.from(images);
}

export const toBytes = (values: Float32Array): Uint8Array =>
  Uint8Array.from(values, (value) => Math.round(255 * value));

const known: Partial<Record<1 | 3, object>> = {};
/** The usual data set of the shape: an npz of floats, channels last. */
export function usualData(channels: 1 | 3 = 1): object {
  known[channels] ??= data({ x: pixels(channels) }, [side, side, ...(channels === 3 ? [3] : [])]);
  return known[channels];
}
export function data({ x }: { x: Float32Array }, shape: number[]): object {
  const file = fresh('data.npz');
  writeFileSync(file, npzBytes({ x: { shape: [n, ...shape], data: x }, y: { shape: [n], data: labels } }));
  return { format: 'npz', file };
}

/** The same with a row of 0 and 1 for each image, as multi-label data has it. */
export function labelRows(isTrue: (image: number, label: number) => boolean): object {
  const file = fresh('rows.npz');
  const rows = Uint8Array.from({ length: n * classes }, (_, i) =>
    isTrue(Math.floor(i / classes), i % classes) ? 1 : 0,
  );
  const x = { shape: [n, side, side], data: pixels(1) };
  writeFileSync(file, npzBytes({ x, y: { shape: [n, classes], data: rows } }));
  return { format: 'npz', file };
}

export interface ModelOptions {
  /** Sizes of the input. */
  dims?: readonly Dim[];
  type?: ElementType;
  opset?: number;
  /** How a flat input of colour is ordered. */
  order?: 'nhwc' | 'nchw';
  domains?: Record<string, number>;
  producer?: string;
  /** Continues after the logits "z"; gives the outputs and their sizes. */
  end?: (g: Builder, z: string) => { name: string; dims: readonly Dim[]; type?: ElementType }[];
  /** The logits of the flat input, other than by MatMul. */
  logits?: (g: Builder, flat: string, weight: string) => string;
  /** What is done with the input first. */
  begin?: (g: Builder, x: string) => string;
  inputs?: Graph['inputs'];
}

/** Writes the classifier: z = 10·(x W), W adding up what belongs to each class. */
export function model({
  dims = ['batch', 1, side, side],
  type = 'float32',
  opset = 18,
  order = 'nchw',
  domains = {},
  producer,
  end = (_, z) => [{ name: z, dims: ['batch', classes] }],
  logits = (g, flat, weight) => g.op('MatMul', [flat, weight]),
  begin = (_, x) => x,
  inputs = [],
}: ModelOptions = {}): string {
  const g = new Builder(['x', ...inputs.map(({ name }) => name)]);
  const size = dims
    .slice(1)
    .reduce<number>((all, one) => all * (typeof one === 'number' ? one : one === 'c' ? 1 : side), 1);
  const channels = size === side * side ? 1 : 3;
  const channelOf = (i: number) => (order === 'nchw' ? Math.floor(i / side ** 2) : i % 3);
  const weight = Float32Array.from({ length: size * classes }, (_, k) => {
    const [i, of] = [Math.floor(k / classes), k % classes];
    return (channels === 1 ? i % classes : channelOf(i)) === of ? 10 : 0;
  });
  const compute = type === 'float64' || type === 'float16' ? type : 'float32';
  const flat = g.op('Flatten', [begin(g, 'x')], { axis: 1 });
  const z = logits(g, flat, g.filled(compute, [size, classes], weight));
  const outputs = end(g, z);
  const file = fresh('model.onnx');
  writeModel(
    {
      opset,
      ...(producer && { producer }),
      domains: new Map(Object.entries(domains)),
      inputs: [{ name: 'x', type, dims }, ...inputs],
      outputs: outputs.map((one) => ({ type: compute, ...one })),
      nodes: g.nodes,
      constants: g.constants,
      stated: new Map(),
    },
    file,
  );
  return file;
}

/** An operator of another domain. */
export function foreign(
  g: Builder,
  domain: string,
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Parameters<typeof Attributes.of>[0] = {},
): void {
  g.nodes.push({ op, name: op, domain, inputs, outputs, attributes: Attributes.of(attributes) });
}
