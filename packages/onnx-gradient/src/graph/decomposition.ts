import type { AttributeInput, Attributes } from '../model/attributes.js';
import type { Node } from '../model/graph.js';
import type { Builder } from './builder.js';
import type { UpgradeContext } from './upgrade-context.js';

/** Writes what an operator computes in simpler ones; undefined where a form of it has none here. */
export type Decomposition = (g: Builder, node: Node, c: UpgradeContext) => string[] | undefined;

/** What a convolution goes by, of the attributes of an operator that is made from one. */
export const convolutionOf = (attributes: Attributes): Record<string, AttributeInput | undefined> => ({
  auto_pad: attributes.has('auto_pad') ? attributes.string('auto_pad', 'NOTSET') : undefined,
  dilations: attributes.ints('dilations'),
  group: attributes.int('group', 1),
  kernel_shape: attributes.ints('kernel_shape'),
  pads: attributes.ints('pads'),
  strides: attributes.ints('strides'),
});
