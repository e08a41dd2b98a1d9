import { elementType } from '../model/element-types.js';
import type { InferenceRule } from './types.js';

export const drawn: InferenceRule = ({ node: { attributes } }) => [
  { type: elementType(attributes.int('dtype', 1)), dims: attributes.ints('shape') },
];

export const drawnLike: InferenceRule = (c) => [
  {
    type: elementType(c.node.attributes.int('dtype', 0)) ?? c.types.get(c.node.inputs[0])?.type,
    dims: c.in(0),
  },
];

export const multinomial: InferenceRule = (c) => [
  {
    type: elementType(c.node.attributes.int('dtype', 6)),
    dims: [c.in(0)?.[0] ?? c.fresh(0), c.node.attributes.int('sample_size', 1)],
  },
];
