import { agreeWithDifferences, type Case } from './cases.test-support.js';
import { spaced } from '../../gradient.test-support.js';
import { type AttributeInput } from '../../model/attributes.js';

const sampled = (attributes: Record<string, AttributeInput>): Case => ({
  inputs: { x: [2, 3, 4, 5], at: [2, 3, 2, 2] },
  write: (g) => g.op('GridSample', ['x', 'at'], attributes),
  opset: 20,
  // Inside and outside; small steps, since the slope jumps at the middle of each pixel.
  options: { step: 1e-3 },
  feeds: (name, dims) => spaced(dims, 3, name === 'at' ? 0.097 : 0.05),
});

agreeWithDifferences({
  GridSample: sampled({}),
  'GridSample (corners aligned, border)': sampled({ align_corners: 1, padding_mode: 'border' }),
  'GridSample (mirrored)': sampled({ padding_mode: 'reflection' }),
  'GridSample (mirrored, corners aligned)': sampled({ padding_mode: 'reflection', align_corners: 1 }),
  'GridSample (cubic)': sampled({ mode: 'cubic' }),
  'GridSample (cubic, mirrored)': sampled({ mode: 'cubic', padding_mode: 'reflection' }),
  'GridSample (cubic, mirrored, corners aligned)': {
    ...sampled({ mode: 'cubic', padding_mode: 'reflection', align_corners: 1 }),
    inputs: { x: [1, 1, 4, 5], at: [1, 6, 4, 2] },
  },
  'GridSample (cubic, border)': sampled({ mode: 'cubic', padding_mode: 'border', align_corners: 1 }),
  'GridSample (three axes)': {
    ...sampled({ align_corners: 1 }),
    inputs: { x: [2, 2, 3, 4, 5], at: [2, 1, 3, 2, 3] },
  },
  'GridSample (nearest, border)': {
    ...sampled({ mode: 'nearest', padding_mode: 'border' }),
    options: { inputs: ['x'], step: 1e-3 },
  },
  'GridSample (nearest, mirrored)': {
    ...sampled({ mode: 'nearest', padding_mode: 'reflection' }),
    inputs: { x: [1, 1, 3, 4], at: [1, 5, 4, 2] },
    options: { inputs: ['x'], step: 1e-3 },
  },
  'GridSample (one pixel wide, mirrored, corners aligned)': {
    ...sampled({ padding_mode: 'reflection', align_corners: 1 }),
    inputs: { x: [1, 2, 3, 1], at: [1, 2, 2, 2] },
  },
  'GridSample (nearest)': {
    ...sampled({ mode: 'nearest' }),
    options: { inputs: ['x'], step: 1e-3 },
  },
});
