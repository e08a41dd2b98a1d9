import type { Constant } from '../model/constant.js';
import type { ElementType } from '../model/element-types.js';
import type { Dim } from '../model/graph.js';

/** What a node's upgrade may ask and add. */
export interface UpgradeContext {
  opset: number;
  /** Adds a constant and returns its name. */
  constant(value: Constant): string;
  /** A name for a value in between. */
  fresh(hint: string): string;
  rank(name: string): number | undefined;
  type(name: string): ElementType | undefined;
  dims(name: string): readonly Dim[] | undefined;
  /** The elements of a small integer tensor; −1 for a size that is open. */
  integers(name: string): number[] | undefined;
  /** Gives a constant a name that `fresh` made. */
  define(name: string, value: Constant): void;
  /** The first number of a constant. */
  number(name: string): number | undefined;
}
