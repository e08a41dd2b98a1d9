import { agreeWithDifferences, type Case } from './cases.test-support.js';
import { type AttributeInput } from '../../model/attributes.js';
import type { Dim } from '../../model/graph.js';

const resized = (
  attributes: Record<string, AttributeInput>,
  scales: number[],
  dims: readonly Dim[] = ['N', 2, 4, 5],
): Case => ({
  inputs: { x: dims },
  write: (g) => g.op('Resize', ['x', '', g.filled('float32', [scales.length], scales)], attributes),
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
});
