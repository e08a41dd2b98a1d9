import { numbersOf } from '../model/constant.js';
import { type Rule, type RuleContext, single } from './rule.js';

const epsilon = (c: RuleContext) => c.attributes.float('epsilon', Math.fround(1e-5));

function constantScale(c: RuleContext): void {
  if (c.needs.slice(1).some(Boolean)) c.unsupported('a scale or bias that depends on the input');
}

/** A vector over the channels, shaped to broadcast along axis 1. */
const alongChannels = (c: RuleContext, name: string) =>
  c.g.reshape(name, [
    -1,
    ...c
      .dims()
      .slice(2)
      .map(() => 1),
  ]);

/** At inference: y = scale (x − mean) / √(var + ε) + bias, all but x constant. */
const batchNormalization: Rule = (c) => {
  constantScale(c);
  const { g } = c;
  const [, scale, , , variance] = c.node.inputs;
  const [s, v] = [c.constant(scale), c.constant(variance)];
  if (s && v) {
    const [a, b] = [numbersOf(s), numbersOf(v)];
    const factors = Array.from(a, (value, i) => value / Math.sqrt(b[i] + epsilon(c)));
    const dims = [
      factors.length,
      ...c
        .dims()
        .slice(2)
        .map(() => 1),
    ];
    return [g.mul(c.dy, g.filled(c.type(), dims, factors))];
  }
  const deviation = g.op('Sqrt', [g.add(variance, c.scalar(epsilon(c)))]);
  return [g.mul(c.dy, alongChannels(c, g.div(scale, deviation)))];
};

/**
 * x̂ = (x − mean) / σ over `axes`: dx = (dx̂ − mean dx̂ − x̂ mean(dx̂ x̂)) / σ.
 * `inverse` is 1/σ, `normal` is x̂.
 */
function throughStatistics(
  c: RuleContext,
  dNormal: string,
  normal: string,
  inverse: string,
  axes: readonly number[],
): string {
  const { g } = c;
  const along = g.mul(normal, g.mean(g.mul(dNormal, normal), axes));
  return g.mul(inverse, g.sub(g.sub(dNormal, g.mean(dNormal, axes)), along));
}

/** Mean and variance anew, for operators that do not give them. */
function statistics(c: RuleContext, x: string, axes: readonly number[]) {
  const { g } = c;
  const centred = g.sub(x, g.mean(x, axes));
  const variance = g.mean(g.mul(centred, centred), axes);
  const inverse = g.op('Reciprocal', [g.op('Sqrt', [g.add(variance, c.scalar(epsilon(c)))])]);
  return { inverse, normal: g.mul(centred, inverse) };
}

const layerNormalization: Rule = (c) => {
  constantScale(c);
  if (c.cotangents.slice(1).some((each) => each !== undefined))
    c.unsupported('the mean or the deviation as an output of its own');
  const { g, x } = c;
  const rank = c.dims().length;
  const axis = c.attributes.int('axis', -1);
  const first = axis < 0 ? axis + rank : axis;
  const axes = Array.from({ length: rank - first }, (_, i) => first + i);
  const [mean, inverse] = [c.extraOutput(1), c.extraOutput(2)];
  const normal = g.mul(g.sub(x, mean), inverse);
  return [throughStatistics(c, g.mul(c.dy, c.node.inputs[1]), normal, inverse, axes)];
};

const instanceNormalization: Rule = (c) => {
  constantScale(c);
  const axes = c
    .dims()
    .slice(2)
    .map((_, i) => i + 2);
  const { inverse, normal } = statistics(c, c.x, axes);
  const dNormal = c.g.mul(c.dy, alongChannels(c, c.node.inputs[1]));
  return [throughStatistics(c, dNormal, normal, inverse, axes)];
};

/** Channels in groups, each normalised over its channels and positions. Scale per group (opset 18) or per channel. */
const groupNormalization: Rule = (c) => {
  constantScale(c);
  const { g, x } = c;
  const dims = c.dims();
  const channels = c.size(x, 1);
  const groups = c.attributes.int('num_groups', 1);
  const grouped = [groups, channels / groups, ...dims.slice(2)];
  const split = (name: string) => g.reshape(name, [dims[0], ...grouped]);
  const axes = grouped.slice(1).map((_, i) => i + 2);
  const { inverse, normal } = statistics(c, split(x), axes);
  const scale = c.node.inputs[1];
  const perChannel = c.size(scale, 0) === channels;
  const shaped = [groups, perChannel ? channels / groups : 1, ...dims.slice(2).map(() => 1)];
  const dNormal = g.mul(split(c.dy), g.reshape(scale, shaped));
  return [g.reshape(throughStatistics(c, dNormal, normal, inverse, axes), dims, x)];
};

/**
 * y = x s⁻ᵝ with s = bias + α/size Σ x² over neighbouring channels (Krizhevsky 2012):
 * dx = dy s⁻ᵝ − 2 α β / size · x Σ (dy y / s), the sum over the channels whose window has this one.
 */
const lrn = single((c) => {
  const { g, x, y, dy } = c;
  const size = c.attributes.int('size', 1);
  const alpha = c.attributes.float('alpha', Math.fround(1e-4));
  const beta = c.attributes.float('beta', 0.75);
  if (size % 2 === 0) c.unsupported('an even window');
  const reach = (size - 1) / 2;
  const channels = c.size(x, 1);
  const windowSum = (name: string) => {
    const image = g.op('Reshape', [name, g.ints([0, 1, channels, -1])]);
    const mean = g.op('AveragePool', [image], {
      kernel_shape: [size, 1],
      pads: [reach, 0, reach, 0],
      count_include_pad: 1,
    });
    return g.op('Reshape', [g.mul(mean, c.scalar(size)), g.shape(x)]);
  };
  const scale = c.scalar(alpha / size);
  const s = g.add(c.scalar(c.attributes.float('bias', 1)), g.mul(scale, windowSum(g.mul(x, x))));
  const direct = g.mul(dy, g.op('Pow', [s, c.scalar(-beta)]));
  const others = windowSum(g.div(g.mul(dy, y), s));
  return g.sub(direct, g.mul(g.mul(c.scalar((2 * alpha * beta) / size), x), others));
});

export const normalizations: Record<string, Rule> = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  LRN: lrn,
};
