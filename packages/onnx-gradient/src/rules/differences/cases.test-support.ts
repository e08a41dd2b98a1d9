import { describe, it } from 'vitest';
import type { GradientOptions } from '../../gradient.js';
import {
  type Differences,
  expectGradients,
  type Feeds,
  graphOf,
  random,
  spaced,
} from '../../gradient.test-support.js';
import type { Builder } from '../../graph/builder.js';
import type { AttributeInput } from '../../model/attributes.js';
import type { Dim } from '../../model/graph.js';

export interface Case {
  /** Sizes of the inputs; `N` stands for 2. */
  inputs: Record<string, readonly Dim[]>;
  write: (g: Builder) => string | string[];
  opset?: number;
  options?: GradientOptions & Differences;
  /** Default: spaced values around zero. */
  feeds?: (name: string, dims: number[]) => Feeds[string];
}

export const image: Dim[] = ['N', 4, 5, 6];

export const weights = (g: Builder, dims: readonly number[], seed = 5, scale = 0.5) =>
  g.filled('float32', dims, random(dims, seed, scale).data as Float32Array);

export const positive = (name: string, dims: number[]) => {
  const x = spaced(dims, name.length + 3, 0.02);
  (x.data as Float32Array).forEach((value, i, all) => (all[i] = 0.5 + Math.abs(value) * 1.3));
  return x;
};

export const on = (
  dims: readonly Dim[],
  op: string,
  attributes: Record<string, AttributeInput> = {},
  rest: Partial<Case> = {},
): Case => ({ inputs: { x: dims }, write: (g) => g.op(op, ['x'], attributes), ...rest });

export const two = (op: string, a: readonly Dim[], b: readonly Dim[], rest: Partial<Case> = {}): Case => ({
  inputs: { a, b },
  write: (g) => g.op(op, ['a', 'b']),
  ...rest,
});

export const pick = (op: string, rest: (g: Builder) => string[], attributes = {}, dims = image): Case => ({
  inputs: { x: dims },
  write: (g) => g.op(op, ['x', ...rest(g)], attributes),
});

export const forWebGpu = { options: { target: 'webgpu' as const } };

/** A test for each of the cases, `Operator (what about it)` by name. */
export function agreeWithDifferences(cases: Readonly<Record<string, Case>>): void {
  describe('the gradient of', () => {
    it.each(Object.entries(cases))('%s agrees with central differences', async (_, test) => {
      const sizes = (dims: readonly Dim[]) => dims.map((size) => (typeof size === 'string' ? 2 : size));
      const feeds = Object.fromEntries(
        Object.entries(test.inputs).map(([name, dims], i) => {
          const values = test.feeds ?? ((_name, shape) => spaced(shape, i + 1, 0.05));
          return [name, values(name, sizes(dims))];
        }),
      );
      const graph = graphOf(test.inputs, test.write, test.opset);
      await expectGradients(graph, feeds, { directions: 16, ...test.options });
    });
  });
}
