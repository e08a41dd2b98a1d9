import {
  type AnyVictim,
  type EngineModel,
  type Features,
  type FeatureSource,
  type Gradient,
  type GraphRunner,
  type HostValues,
  type ImageOrder,
  type Labelled,
  type ModelKind,
  type ModelObjective,
  type ModelOutputs,
  type Objective,
  type OutputScale,
  type Penalty,
  tidyAsync,
  type VictimKinds,
  tf,
} from '@gauntlet/api';
import { numberOf, TapedObjective } from './objective.js';
import { patchBasis, patchFeatures } from './patches.js';
import { gradientFromModel, imagesOf, type Preprocess, toModel } from './preprocess.js';

export type Outputs = Parameters<Parameters<AnyVictim['differentiate']>[1]>[0];
/** Outputs without the features. */
export type Scores = Omit<Outputs, keyof Features>;

export interface VictimTraits {
  kind: ModelKind;
  inputShape: readonly [number, number, number];
  bounds: readonly [number, number];
  classes: number;
  /** The model gives one number for two classes: the logit or the probability of class 1. */
  binary?: boolean;
  /** Each number is the logit or the probability of a label that may be true whatever the others are. */
  multiLabel?: boolean;
  outputScale: OutputScale;
  preprocess: Preprocess;
  /** How far estimates of gradients look, as a share of the range of inputs; one step of 8 bits by default. */
  radius?: number;
  /** Of a reconstruction [n, h·w·c]; `nhwc` by default. */
  flatOutput?: ImageOrder;
}

/** Below this a probability counts as this: log 0 would have no gradient. */
const smallestProbability = 1e-30;

/** An engine's model behind the victim's contract: preprocessing, logits, features. Counts nothing. */
export class LoadedVictim {
  readonly traits: VictimTraits;
  readonly featureSource: FeatureSource;
  readonly #model: EngineModel;
  readonly #modelShape: readonly number[];
  readonly #basis?: tf.Tensor4D;

  constructor(model: EngineModel, modelShape: readonly number[], traits: VictimTraits) {
    this.traits = traits;
    this.#model = model;
    this.#modelShape = modelShape;
    this.featureSource = model.convolution
      ? { kind: 'convolution', layer: model.convolution }
      : { kind: 'patches' };
    if (!model.convolution) this.#basis = tf.keep(patchBasis(traits.inputShape[2]));
  }

  get graphs(): GraphRunner | undefined {
    return this.#model.graphs;
  }

  async predict(x: tf.Tensor4D): Promise<Scores> {
    return tidyAsync(async () => this.#scores(await this.#model.predict(this.#toModel(x))));
  }

  async features(x: tf.Tensor4D): Promise<Features> {
    return tidyAsync(async () => (this.#basis ? this.#patches(x) : this.#model.features(this.#toModel(x))));
  }

  /** The `preactivation` of `features`, on the host. */
  async preactivation(x: tf.Tensor4D): Promise<HostValues> {
    return tidyAsync(async () => {
      if (!this.#basis && this.#model.preactivation) return this.#model.preactivation(this.#toModel(x));
      const { preactivation } = await this.features(x);
      return { values: (await preactivation.data()) as Float32Array, shape: preactivation.shape };
    });
  }

  async differentiate<A = undefined>(
    x: tf.Tensor4D,
    objective: ((outputs: Outputs) => Objective<A>) & Labelled<Scores, A>,
  ): Promise<Gradient<Outputs, A>> {
    const taped = new TapedObjective(objective);
    return tidyAsync(async () => {
      const { preprocess, inputShape } = this.traits;
      const basis = this.#basis;
      let patchesUsed = false;
      const watched = (raw: ModelOutputs) => {
        const [n] = raw.output.shape;
        if (!basis) return taped.value(withFeatures(this.#scores(raw.output), raw), n);
        const patches = () => ((patchesUsed = true), patchFeatures(x, basis));
        const outputs = {
          get features() {
            return patches();
          },
          get preactivation() {
            return patches();
          },
        };
        // An objective over patches alone does not touch the model; the zero keeps it on the tape.
        return tf.add(
          taped.value(withFeatures(this.#scores(raw.output), outputs), n),
          tf.mul(tf.sum(tf.reshape(raw.output, [x.shape[0], -1]), 1), 0),
        );
      };
      const { binary, outputScale } = this.traits;
      // A loss of logits is one of the model's own output only where that is logits, one for each class.
      const labelLoss = outputScale === 'logits' && !binary ? objective.labelLoss : undefined;
      const result = await this.#model.differentiate(
        this.#toModel(x),
        Object.assign(watched, { labelLoss, penalty: this.#known(objective.penalty) }) as ModelObjective,
      );
      let gradient = gradientFromModel(result.gradient, inputShape, preprocess);
      const outputs = this.#scores(result.output);
      if (basis && patchesUsed) {
        const direct = tf.grad((z) =>
          numberOf(objective({ ...outputs, ...this.#patches(z as tf.Tensor4D) } as Outputs)),
        )(x);
        gradient = tf.add(gradient, direct);
      }
      const aux = taped.called || !objective.aux ? taped.take() : objective.aux(outputs);
      return { value: result.value, gradient, outputs, aux };
    }).finally(() => taped.clear());
  }

  dispose(): void {
    this.#basis?.dispose();
    this.#model.dispose();
  }

  /** A penalty whose terms are of the model's own output and features, as they are. */
  #known(penalty?: Penalty): Penalty | undefined {
    if (!penalty || (penalty.inner && this.#basis)) return undefined;
    const { outputScale, binary, flatOutput, inputShape } = this.traits;
    const known =
      penalty.loss.name === 'error'
        ? outputScale === 'reconstruction' && (flatOutput !== 'nchw' || inputShape[2] === 1)
        : outputScale === 'logits' && !binary;
    return known ? penalty : undefined;
  }

  #toModel(x: tf.Tensor4D): tf.Tensor {
    return toModel(x, this.#modelShape, this.traits.preprocess);
  }

  #patches(x: tf.Tensor4D): Features {
    const patches = patchFeatures(x, this.#basis!);
    return { features: patches, preactivation: tf.clone(patches) };
  }

  #scores(output: tf.Tensor): Scores {
    return read[this.traits.kind](output, this.traits) as Outputs;
  }
}

/** What a model gives, as its kind of victim gives it. */
const read: {
  [K in ModelKind]: (output: tf.Tensor, traits: VictimTraits) => Omit<VictimKinds[K], keyof Features>;
} = {
  classifier: (output, traits) => ({ logits: logitsOf(output, traits) }),
  autoencoder: (output, { inputShape, flatOutput }) => ({
    reconstruction: imagesOf(output, inputShape, output.rank === 2 ? flatOutput : undefined),
  }),
  encoder: (output) => ({ embedding: tf.reshape(output, [output.shape[0], -1]) }),
};

function logitsOf(
  output: tf.Tensor,
  { classes, binary, multiLabel, outputScale }: VictimTraits,
): tf.Tensor2D {
  const n = output.shape[0];
  const probable = outputScale === 'log-probabilities';
  const scores: tf.Tensor2D = binary
    ? bothClasses(tf.reshape(output, [n, 1]), probable)
    : tf.reshape(output, [n, classes]);
  if (!probable) return scores;
  return multiLabel ? tf.sub(logOf(scores), logOf(tf.sub(1, scores))) : logOf(scores);
}

const logOf = <T extends tf.Tensor>(probabilities: T): T =>
  tf.log(tf.maximum(probabilities, smallestProbability));

/** Of class 1 [n,1] → of both classes [n,2]: (1 − p, p) for a probability, (0, z) for a logit, whose softmax is σ(z). */
const bothClasses = (one: tf.Tensor2D, probable: boolean): tf.Tensor2D =>
  tf.concat([probable ? tf.sub(1, one) : tf.zerosLike(one), one], 1);

/** Features are looked at only where an objective asks for them: an engine may have to fetch them first. */
function withFeatures(scores: Scores, source: Partial<Features>): Outputs {
  return Object.defineProperties(scores, {
    features: { get: () => source.features, enumerable: true },
    preactivation: { get: () => source.preactivation, enumerable: true },
  }) as Outputs;
}
