import type { Rule } from './rule.js';
import { type Axis, axisOf, type Mode } from './sampling.js';

/** By their names of opset 16 and 20. */
const modes: Record<string, Mode | undefined> = {
  nearest: 'nearest',
  linear: 'linear',
  bilinear: 'linear',
  cubic: 'cubic',
  bicubic: 'cubic',
};

/** Every choice of one from each list. */
const choices = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((all, list) => all.flatMap((chosen) => list.map((each) => [...chosen, each])), [[]]);

/**
 * y is a weighted sum of the pixels around each position (Jaderberg et al. 2015, eqs. 5 to 7): the image's gradient goes to
 * those pixels by the same weights, the grid's is by how the weights change.
 */
export const gridSample: Rule = (c) => {
  const { g, dy, x } = c;
  const grid = c.node.inputs[1];
  const named = c.attributes.string('mode', 'linear');
  const mode = modes[named] ?? c.unsupported(`the mode "${named}"`);
  const rank = c.dims().length - 2;
  // x is the last axis of the image, and the first number of a position.
  const axes = Array.from({ length: rank }, (_, k) => axisOf(c, k, c.size(x, rank + 1 - k), mode));
  const flat = (name: string) => g.op('Reshape', [name, g.ints([0, 0, -1])]);
  const row = (name: string) => g.op('Reshape', [name, g.ints([0, 1, -1])]);
  const product = (names: readonly (string | undefined)[]) =>
    names
      .filter((name) => name !== undefined)
      .reduce<string | undefined>((a, b) => (a ? g.mul(a, b) : b), undefined);
  const [image, cotangent] = [flat(x), flat(dy)];
  const moving = c.needs[1] && mode !== 'nearest';
  let dImage = g.expandLike(c.scalar(0), image);
  const dGrid = axes.map((): string[] => []);
  for (const taps of choices(axes.map((axis) => axis.taps))) {
    const cell = row(indexOf(taps.map(({ index }, k) => ({ index, axis: axes[k] }))));
    const indices = g.op('Expand', [cell, g.shape(cotangent)]);
    const valid = product(taps.map(({ inside }) => inside));
    if (c.needs[0]) {
      const weight = product([valid, ...taps.map((tap) => tap.weight)]);
      const updates = weight ? g.mul(cotangent, row(weight)) : cotangent;
      dImage = g.op('ScatterElements', [dImage, indices, updates], { axis: 2, reduction: 'add' });
    }
    if (!moving) continue;
    const pixels = g.op('GatherElements', [image, indices], { axis: 2 });
    const summed = g.sum(g.mul(cotangent, pixels), [1]);
    axes.forEach((_, k) => {
      const change = product([valid, ...taps.map((tap, i) => (i === k ? tap.change : tap.weight))])!;
      dGrid[k].push(g.mul(summed, row(change)));
    });
  }
  const whole = () => {
    const parts = axes.map((axis, k) => {
      const shaped = g.op('Reshape', [g.op('Sum', dGrid[k]), g.shape(axis.at)]);
      return g.op('Unsqueeze', [g.mul(shaped, axis.slope), g.ints([-1])]);
    });
    return g.op('Concat', parts, { axis: -1 });
  };
  return [
    c.needs[0] ? g.op('Reshape', [dImage, g.shape(x)]) : undefined,
    c.needs[1] ? (moving ? whole() : g.expandLike(c.scalar(0), grid)) : undefined,
  ];

  /** Of a cell in the flattened image. */
  function indexOf(all: readonly { index: string; axis: Axis }[]): string {
    return [...all]
      .reverse()
      .map(({ index, axis }) => ({ index, size: axis.size }))
      .reduce((outer, inner) => ({
        index: g.add(g.mul(outer.index, g.scalar(inner.size, 'int64')), inner.index),
        size: inner.size,
      })).index;
  }
};
