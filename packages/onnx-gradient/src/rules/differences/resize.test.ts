import { agreeWithDifferences, type Case } from './cases.test-support.js';
import { type AttributeInput, float } from '../../model/attributes.js';
import type { Dim } from '../../model/graph.js';

const resized = (
  attributes: Record<string, AttributeInput>,
  scales: number[],
  dims: readonly Dim[] = ['N', 2, 4, 5],
): Case => ({
  inputs: { x: dims },
  write: (g) => g.op('Resize', ['x', '', g.filled('float32', [scales.length], scales)], attributes),
});

/** From `top`, `left` to `bottom`, `right`, as shares of the height and the width. */
const crop = ([top, left, bottom, right]: number[], sizes: number[]): Case => ({
  inputs: { x: [2, 2, 4, 5] },
  write: (g) =>
    g.op(
      'Resize',
      ['x', g.filled('float32', [8], [0, 0, top, left, 1, 1, bottom, right]), '', g.ints([2, 2, ...sizes])],
      {
        mode: 'linear',
        coordinate_transformation_mode: 'tf_crop_and_resize',
        extrapolation_value: float(10),
      },
    ),
});

agreeWithDifferences({
  'Resize (nearest ×2)': resized(
    { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    [1, 1, 2, 3],
  ),
  'Resize (nearest, uneven)': resized({ mode: 'nearest' }, [1, 1, 1.5, 0.6]),
  'Resize (linear)': resized({ mode: 'linear' }, [1, 1, 2, 1.4]),
  'Resize (linear, corners aligned)': resized(
    { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
    [1, 1, 2, 2],
  ),
  'Resize (linear, PyTorch)': resized(
    { mode: 'linear', coordinate_transformation_mode: 'pytorch_half_pixel' },
    [1, 1, 0.5, 2],
  ),
  'Resize (cubic)': resized({ mode: 'cubic' }, [1, 1, 2, 0.8]),
  'Resize (cubic, outside excluded)': resized({ mode: 'cubic', exclude_outside: 1 }, [1, 1, 2, 2]),
  'Resize (to sizes)': {
    inputs: { x: ['N', 2, 4, 5] },
    write: (g) =>
      g.op(
        'Resize',
        ['x', '', '', g.op('Concat', [g.op('Shape', ['x'], { end: 2 }), g.ints([7, 3])], { axis: 0 })],
        { mode: 'linear' },
      ),
  },
  'Resize (linear, antialiased, outside excluded)': resized(
    { mode: 'linear', antialias: 1, exclude_outside: 1 },
    [1, 1, 0.5, 0.6],
  ),
  'Resize (linear, antialiased)': resized({ mode: 'linear', antialias: 1 }, [1, 1, 0.5, 0.6]),
  'Resize (cubic, antialiased)': resized({ mode: 'cubic', antialias: 1 }, [1, 1, 0.5, 0.6]),

  'Resize (linear, symmetric)': resized(
    { mode: 'linear', coordinate_transformation_mode: 'half_pixel_symmetric' },
    [1, 1, 1.3, 0.7],
  ),
  'Resize (nearest, up)': resized(
    { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'ceil' },
    [1, 1, 1.5, 2],
  ),
  'Resize (nearest, half up)': resized(
    { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'round_prefer_ceil' },
    [1, 1, 2, 2],
  ),
  'Resize (nearest, half down)': resized(
    { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'round_prefer_floor' },
    [1, 1, 2, 2],
  ),
  'Resize (linear, asymmetric)': resized(
    { mode: 'linear', coordinate_transformation_mode: 'asymmetric' },
    [1, 1, 1.5, 0.6],
  ),
  'Resize (cubic, another coefficient)': resized(
    { mode: 'cubic', cubic_coeff_a: float(-0.5) },
    [1, 1, 1.5, 0.7],
  ),
  'Resize (some axes)': {
    inputs: { x: ['N', 2, 4, 5] },
    write: (g) => g.op('Resize', ['x', '', '', g.ints([3, 8])], { mode: 'linear', axes: [3, 2] }),
  },
  'Resize (nearest ×2 of a matrix)': resized(
    { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    [1, 2],
    [2, 3],
  ),
  'Resize (nearest ×2 of a line)': resized(
    { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    [1, 1, 2],
    ['N', 2, 3],
  ),
  'Resize (nearest ×2 of channels)': resized(
    { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    [1, 2, 1, 1],
    [2, 2, 2, 3],
  ),
  'Resize (a crop, over its edge)': crop([0.3, -0.2, 0.9, 0.7], [3, 6]),
  // Along one axis: along two, a wrong sign would be right again.
  'Resize (cubic, one axis)': resized({ mode: 'cubic' }, [1, 1, 1, 1.4]),
  'Resize (cubic, outside excluded, one axis)': resized(
    { mode: 'cubic', exclude_outside: 1 },
    [1, 1, 1.3, 1],
  ),
  'Resize (cubic, antialiased, one axis)': resized(
    { mode: 'cubic', antialias: 1 },
    [1, 1, 1, 0.3],
    [2, 1, 1, 11],
  ),
  'Resize (linear, antialiased, one axis)': resized(
    { mode: 'linear', antialias: 1 },
    [1, 1, 1, 0.3],
    [2, 1, 1, 11],
  ),
  'Resize (cubic, antialiased, enlarged)': resized({ mode: 'cubic', antialias: 1 }, [1, 1, 1, 1.5]),
  'Resize (linear, PyTorch, to one)': resized(
    { mode: 'linear', coordinate_transformation_mode: 'pytorch_half_pixel' },
    [1, 1, 1, 0.2],
  ),
  'Resize (linear, corners aligned, to one)': resized(
    { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
    [1, 1, 1, 0.2],
  ),
  // Where all sizes stay, ONNX Runtime copies.
  'Resize (to the same size by another scale)': resized({ mode: 'linear' }, [1, 1, 1.1, 2]),
  'Resize (a crop, to one)': crop([0.1, 0, 0.7, 1], [1, 5]),
  'Resize (a crop from the first, over the other edge)': crop([0, 0.5, 1.3, 1], [5, 3]),
  ...Object.fromEntries(
    ['not_larger', 'not_smaller'].map((policy): [string, Case] => [
      `Resize (the ratio kept, ${policy})`,
      {
        inputs: { x: ['N', 2, 4, 5] },
        write: (g) =>
          g.op('Resize', ['x', '', '', g.ints([7, 6])], {
            mode: 'cubic',
            axes: [2, 3],
            keep_aspect_ratio_policy: policy,
          }),
      },
    ]),
  ),
});
