import { type LabelLoss, type ModelGradient, tf } from '@gauntlet/api';
import {
  cotangentOf,
  type Graph,
  gradientOf,
  type GradientOptions,
  withGradients,
} from '@gauntlet/onnx-gradient';
import { oneHot, withLoss } from './loss-graph.js';
import { names } from './names.js';
import { floats } from './session.js';
import type * as ort from 'onnxruntime-node';

type LossName = LabelLoss['name'];

/**
 * A model together with a loss that the engine knows: one graph for both directions, so that nothing that the forward pass
 * saves for the backward one leaves ONNX Runtime.
 */
export class LossSessions {
  readonly #graph: Graph;
  readonly #classes: number;
  readonly #options: GradientOptions;
  readonly #open: (graph: Graph) => Promise<ort.InferenceSession>;
  readonly #sessions = new Map<LossName, Promise<ort.InferenceSession>>();

  /** @param graph Gives `names.output` alone, `classes` logits of each sample. */
  constructor(
    graph: Graph,
    classes: number,
    options: GradientOptions,
    open: (graph: Graph) => Promise<ort.InferenceSession>,
  ) {
    this.#graph = graph;
    this.#classes = classes;
    this.#options = options;
    this.#open = open;
  }

  async differentiate(x: tf.Tensor, { name, aim, sign }: LabelLoss): Promise<ModelGradient> {
    const n = x.shape[0];
    const session = await this.#session(name);
    const results = await session.run({
      [names.x]: floats((await x.data()) as Float32Array, x.shape),
      [names.aim]: floats(oneHot(aim, this.#classes), [n, this.#classes]),
      [cotangentOf(names.loss)]: floats(new Float32Array(n).fill(sign), [n]),
    });
    const tensor = (of: string) => tf.tensor(results[of].data as Float32Array, [...results[of].dims]);
    const loss = tensor(names.loss) as tf.Tensor1D;
    return {
      value: sign === 1 ? loss : tf.neg(loss),
      gradient: tensor(gradientOf(names.x)),
      output: tensor(names.output),
    };
  }

  release(): void {
    for (const session of this.#sessions.values())
      void session.then((each) => each.release()).catch(() => {});
  }

  #session(name: LossName): Promise<ort.InferenceSession> {
    let found = this.#sessions.get(name);
    if (!found) {
      found = this.#open(this.#compile(name));
      this.#sessions.set(name, found);
    }
    return found;
  }

  #compile(name: LossName): Graph {
    const graph = withLoss(this.#graph, name, this.#classes);
    const whole = withGradients(graph, {
      inputs: [names.x],
      outputs: [names.loss],
      ...this.#options,
    });
    return { ...whole, outputs: [...whole.outputs, ...this.#graph.outputs] };
  }
}
