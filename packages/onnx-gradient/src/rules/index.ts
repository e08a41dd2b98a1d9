import { activations } from './activations.js';
import { arithmetic } from './arithmetic.js';
import { col2Im } from './columns.js';
import { convolutions } from './convolution.js';
import { einsum } from './einsum.js';
import { gridSample } from './grid-sample.js';
import { indexing } from './indexing.js';
import { layouts } from './layout.js';
import { linear } from './linear.js';
import { normalizations } from './normalization.js';
import { poolings } from './pooling.js';
import { reductions } from './reduction.js';
import { resizing } from './resize.js';
import type { Rule } from './rule.js';
import { trigonometry } from './trigonometry.js';

/** Gradient rules by operator, in the forms of opset 18 and later. */
export const rules: Readonly<Record<string, Rule | undefined>> = {
  ...activations,
  ...arithmetic,
  ...linear,
  ...convolutions,
  ...poolings,
  ...normalizations,
  ...reductions,
  ...layouts,
  ...resizing,
  ...trigonometry,
  ...indexing,
  Einsum: einsum,
  GridSample: gridSample,
  Col2Im: col2Im,
};

/**
 * Operators whose outputs are integers, truth values or signs: no gradient flows through them, rightly. PyTorch has 0 for signs,
 * too. (It has 0 for rounding as well, but who rounds means to pass the gradient on: that is refused, unless straightThrough is asked for.)
 */
export const discrete: ReadonlySet<string> = new Set([
  'Shape',
  'Size',
  'Sign',
  'ArgMax',
  'ArgMin',
  'Equal',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'And',
  'Or',
  'Not',
  'Xor',
  'IsNaN',
  'IsInf',
  'NonZero',
  // Drawn at random; of the input they take the shape, or a chance.
  'RandomNormalLike',
  'RandomUniformLike',
  'Bernoulli',
  'Multinomial',
]);
