import type { Node } from '../model/graph.js';
import type { Builder } from './builder.js';
import type { UpgradeContext } from './upgrade-context.js';

/** Writes what an operator computes in simpler ones; undefined where a form of it has none here. */
export type Decomposition = (g: Builder, node: Node, c: UpgradeContext) => string[] | undefined;
