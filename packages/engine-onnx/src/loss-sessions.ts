import {
  type ErrorLoss,
  type LabelLoss,
  type ModelGradient,
  type Penalty,
  tensorOf,
  tf,
  valuesOf,
} from '@gauntlet/api';
import {
  cotangentOf,
  type Graph,
  gradientOf,
  type GradientOptions,
  withGradients,
} from '@gauntlet/onnx-gradient';
import { weightsOf, withLoss, withPenalty } from './loss-graph.js';
import { names, type OutputName } from './names.js';
import { floats } from './session.js';
import type * as ort from 'onnxruntime-node';

type Loss = LabelLoss | ErrorLoss;

/** What a session computes: a loss, and for a penalty its sign and the part that the second term is of. */
interface Kind {
  loss: Loss['name'];
  penalty?: { sign: 1 | -1; of?: OutputName };
}

/**
 * A model together with a loss or a penalty that the engine knows: one graph for both directions, so that nothing that the
 * forward pass saves for the backward one leaves ONNX Runtime.
 */
export class LossSessions {
  readonly #graphOf: (outputs: readonly OutputName[]) => Graph;
  readonly #width: number;
  readonly #options: GradientOptions;
  readonly #open: (graph: Graph) => Promise<ort.InferenceSession>;
  readonly #sessions = new Map<string, Promise<ort.InferenceSession>>();

  /** @param graphOf The model with these outputs alone, of which `output` has `width` numbers for each sample. */
  constructor(
    graphOf: (outputs: readonly OutputName[]) => Graph,
    width: number,
    options: GradientOptions,
    open: (graph: Graph) => Promise<ort.InferenceSession>,
  ) {
    this.#graphOf = graphOf;
    this.#width = width;
    this.#options = options;
    this.#open = open;
  }

  async differentiate(x: tf.Tensor, loss: LabelLoss): Promise<ModelGradient> {
    const n = x.shape[0];
    const found = await this.#run({ loss: loss.name }, names.loss, {
      [names.x]: await given(x),
      ...(await this.#feeds(loss, n)),
      [cotangentOf(names.loss)]: floats(new Float32Array(n).fill(loss.sign), [n]),
    });
    return loss.sign === 1 ? found : { ...found, value: tf.tidy(() => tf.neg(found.value)) };
  }

  async penalise(x: tf.Tensor, { loss, kappa, base, gain, inner }: Penalty): Promise<ModelGradient> {
    const n = x.shape[0];
    const { sign } = loss;
    return this.#run({ loss: loss.name, penalty: { sign, of: inner?.of } }, names.objective, {
      [names.x]: await given(x),
      ...(await this.#feeds(loss, n)),
      [names.base]: floats(base, [n]),
      [names.gain]: floats(Float32Array.of(gain), [1]),
      [names.kappa]: floats(Float32Array.of(kappa), [1]),
      ...(inner && {
        [names.inner]: await given(inner.cotangent),
        [names.scale]: floats(Float32Array.of(inner.scale), [1]),
      }),
    });
  }

  release(): void {
    for (const session of this.#sessions.values())
      void session.then((each) => each.release()).catch(() => {});
  }

  /** What the loss is about. */
  async #feeds(loss: Loss, n: number): Promise<Record<string, ort.Tensor>> {
    const shape = [n, this.#width];
    if (loss.name !== 'error') return { [names.aim]: floats(weightsOf(loss, this.#width), shape) };
    const target = (await loss.target.data()) as Float32Array;
    return { [names.target]: floats(target, shape), [names.less]: await given(loss.less) };
  }

  async #run(kind: Kind, value: string, feeds: Record<string, ort.Tensor>): Promise<ModelGradient> {
    const session = await this.#session(kind);
    const results = await session.run(feeds, [value, gradientOf(names.x), names.output]);
    const tensor = (of: string) => tensorOf(results[of].data as Float32Array, [...results[of].dims]);
    return {
      value: tensor(value) as tf.Tensor1D,
      gradient: tensor(gradientOf(names.x)),
      output: tensor(names.output),
    };
  }

  #session(kind: Kind): Promise<ort.InferenceSession> {
    const key = JSON.stringify(kind);
    let found = this.#sessions.get(key);
    if (!found) {
      found = this.#open(this.#compile(kind));
      this.#sessions.set(key, found);
    }
    return found;
  }

  #compile({ loss, penalty }: Kind): Graph {
    const part = penalty?.of;
    const graph = this.#graphOf(part ? ['output', part] : ['output']);
    const [output] = graph.outputs.filter(({ name }) => name === names.output);
    const whole = withGradients(withLoss(graph, loss, this.#width), {
      inputs: [names.x],
      outputs: [names.loss, ...(part ? [names[part]] : [])],
      ...this.#options,
    });
    const complete = { ...whole, outputs: [...whole.outputs, output] };
    return penalty ? withPenalty(complete, penalty.sign, part && names[part]) : complete;
  }
}

const given = async (tensor: tf.Tensor): Promise<ort.Tensor> => floats(await valuesOf(tensor), tensor.shape);
