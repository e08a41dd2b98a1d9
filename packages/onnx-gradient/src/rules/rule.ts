import { OnnxGradientError } from '../errors.js';
import type { Builder } from '../graph/builder.js';
import { type Constant, numbersOf } from '../model/constant.js';
import type { ElementType } from '../model/element-types.js';
import { type Dim, nameOf, type Node } from '../model/graph.js';
import type { Types } from '../shapes/types.js';

/**
 * What the model will run on. `any`: whatever follows the standard. `webgpu`: ONNX Runtime's WebGPU provider, whose
 * maximum pool does not tell where its maxima were, and whose transposed convolution is wrong for groups of four
 * channels and more that give one.
 */
export type Target = 'any' | 'webgpu';

export interface RuleOptions {
  target: Target;
  /** Values that the model itself may put aside, NaN among them. */
  guarded: ReadonlySet<string>;
}

/** What a rule sees of the node it differentiates. Values are named; the builder writes the gradient's nodes. */
export class RuleContext {
  constructor(
    readonly node: Node,
    readonly g: Builder,
    /** Writes what the forward pass computes for the backward one. */
    readonly ahead: Builder,
    readonly types: Types,
    /** Cotangents of the outputs; absent where an output does not matter. */
    readonly cotangents: readonly (string | undefined)[],
    /** Which inputs a gradient is asked for. */
    readonly needs: readonly boolean[],
    readonly options: RuleOptions,
    /** Gives the node another output, of the forward pass, and returns its name. */
    readonly extraOutput: (index: number) => string,
  ) {}

  get x(): string {
    return this.node.inputs[0];
  }
  get y(): string {
    return this.node.outputs[0];
  }
  get dy(): string {
    return this.cotangents[0]!;
  }
  get attributes() {
    return this.node.attributes;
  }

  type(name = this.x): ElementType {
    return this.types.get(name)?.type ?? 'float32';
  }
  scalar(value: number, like = this.x): string {
    return this.g.scalar(value, this.type(like));
  }

  /** Sizes; an error where not even the rank is known. */
  dims(name = this.x): readonly Dim[] {
    return this.types.dims(name) ?? this.unknown(`the rank of "${name}"`, this.types.originOf(name));
  }
  /** One size as a number. */
  size(name: string, axis: number): number {
    const size = this.dims(name)[axis];
    return typeof size === 'number' ? size : this.unknown(`dimension ${axis} of "${name}"`);
  }
  integers(name: string): number[] {
    return this.types.integers(name) ?? this.unknown(`the values of "${name}"`);
  }
  constant(name: string): Constant | undefined {
    return this.types.constant(name);
  }
  /** The value of a constant of one element. */
  number(name: string): number | undefined {
    const constant = name ? this.constant(name) : undefined;
    if (!constant) return undefined;
    const values = numbersOf(constant);
    return values.length === 1 ? values[0] : undefined;
  }

  /** @param origin The node whose sizes are the first that are not known. */
  unknown(what: string, origin?: Node): never {
    const needs = `The gradient of ${nameOf(this.node)} needs ${what}`;
    throw new OnnxGradientError(
      'shape-unknown',
      origin
        ? `${needs}, which is open because the sizes that ${nameOf(origin)} gives cannot be inferred. Simplify the graph with its sizes (onnxsim does that), or ${wayOut[0].toLowerCase()}${wayOut.slice(1)}`
        : `${needs}, which cannot be inferred. Export the model with fixed sizes (all but the batch).`,
    );
  }
  unsupported(what: string): never {
    throw new OnnxGradientError(
      'operator-unsupported',
      `${nameOf(this.node)}: ${what} has no gradient here. ${wayOut}`,
    );
  }

  /** Sums a gradient over the axes along which an operand was broadcast. */
  unbroadcast(gradient: string, operand: string, result = this.y): string {
    const [from, to] = [this.dims(result), this.dims(operand)];
    const missing = from.length - to.length;
    const axes = from.flatMap((size, i) => (i < missing || (to[i - missing] === 1 && size !== 1) ? [i] : []));
    if (axes.length === 0) return gradient;
    const summed = this.g.sum(gradient, axes);
    return missing === 0 ? summed : this.g.reshape(summed, to, operand);
  }
}

export const wayOut =
  'Use the tfjs engine if the model is to be had in that format, or an attack or estimate without gradients.';

/** The gradients of a node's inputs, in their order; undefined where none is asked for. */
export type Rule = (c: RuleContext) => (string | undefined)[];

/** A rule for operators of one input. */
export const single =
  (gradient: (c: RuleContext) => string): Rule =>
  (c) => [gradient(c)];
