import {
  type EngineModel,
  GauntletError,
  isTensor,
  type ModelKind,
  type ModelOutputs,
  reasonOf,
  type VictimModel,
  tf,
} from '@gauntlet/api';
import { loadPlugin, type PluginReference } from '../plugins/load-plugin.js';

/** A model in code, as the spec names it. Plain data. */
export interface VictimSource {
  plugin: PluginReference;
  version: number;
  params: Record<string, unknown>;
  /** Of the spec, to which paths among the params are relative. */
  folder: string;
  /** A model behind an address. Without a version it may change without a word: outcomes of it are good for one run. */
  remote?: { url: string; version?: string };
}

interface Setting {
  kind: ModelKind;
  bounds: readonly [number, number];
  imageShape: readonly [number, number, number];
  straightThrough?: boolean;
  /** Name of the engine that was started for it. */
  engine: string;
}

/** A victim plugin behind the interface of an engine's model. Its operations run on the current TensorFlow.js backend. */
export async function openPluginModel(
  { plugin: reference, params, folder }: VictimSource,
  { kind, bounds, imageShape, engine, straightThrough }: Setting,
): Promise<EngineModel> {
  const plugin = await loadPlugin('victim', reference);
  const wrong = (message: string, cause?: unknown) =>
    new GauntletError('victim-plugin', `The victim ${plugin.name} ${message}`, { cause });
  const failed =
    (what: string) =>
    (error: unknown): never => {
      // A heap that has aborted is known by its message: its worker has to end.
      if (error instanceof Error && error.name === 'RuntimeError') throw error;
      throw wrong(`failed in ${what}: ${reasonOf(error)}`, error);
    };
  const model = await Promise.resolve()
    .then(() => plugin.open({ kind, bounds, imageShape, folder, params: structuredClone(params) }))
    .catch(failed('open'));
  if (!model || (typeof model.forward !== 'function' && typeof model.predict !== 'function'))
    throw wrong('opened no model: open() has to return an object with "forward" or "predict".');
  if (typeof model.hash !== 'string' || model.hash === '')
    throw wrong('has no "hash": open() has to return a text that changes whenever the model does.');

  const checked = (output: unknown, what: string): tf.Tensor => {
    if (isTensor(output)) return output;
    throw wrong(
      `returned no tensor from ${what}.${output instanceof Promise ? ' What has to wait is called "predict".' : ''}`,
    );
  };
  const attempt = <T>(what: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      return failed(what)(error);
    }
  };
  const forward = (x: tf.Tensor) =>
    checked(
      attempt('forward', () => model.forward!(x as tf.Tensor4D)),
      'forward',
    );
  const features = (x: tf.Tensor) => attempt('features', () => model.features!(x as tf.Tensor4D));
  const { measureBytes, tapeGradient, throughSteps } = await import('@gauntlet/engine-tfjs/runtime');

  const opened: EngineModel = {
    inputShape: imageShape,
    softmaxRemoved: false,
    ...(model.features && { convolution: plugin.name }),
    bytesPerSample: await bytesOf(model, imageShape, (x) => measureBytes(() => forward(x))),
    hash: model.hash,
    engine: engine.startsWith('tfjs:') ? engine : `tfjs:${tf.getBackend()}`,
    notes: model.notes ?? [],
    async predict(x) {
      if (model.forward) return tf.tidy(() => tf.clone(forward(x)));
      return checked(await model.predict!(x as tf.Tensor4D).catch(failed('predict')), 'predict');
    },
    features: async (x) =>
      tf.tidy(() => {
        const found = features(x);
        return { features: tf.clone(found.features), preactivation: tf.clone(found.preactivation) };
      }),
    async differentiate(x, objective) {
      if (!model.forward)
        throw wrong(
          'cannot be differentiated: it has "predict" alone. Write gradients: estimated, and add an attack without gradients that agrees (estimates alone that break nothing are inconclusive), or give it "forward" in TensorFlow.js operations.',
        );
      return tapeGradient(x, (input) => outputsOf(input, forward, model.features && features), objective);
    },
    dispose: () => model.dispose?.(),
  };
  return straightThrough ? Object.assign(opened, await throughSteps(opened)) : opened;
}

/** Features are computed only for an objective that looks at them. */
function outputsOf(
  x: tf.Tensor,
  forward: (x: tf.Tensor) => tf.Tensor,
  features: ((x: tf.Tensor) => Required<Pick<ModelOutputs, 'features' | 'preactivation'>>) | undefined,
): ModelOutputs {
  const output = forward(x);
  if (!features) return { output };
  let found: ReturnType<typeof features> | undefined;
  const of = (name: 'features' | 'preactivation') => ({
    get: () => (found ??= features(x))[name],
    enumerable: true,
  });
  const traits = { features: of('features'), preactivation: of('preactivation') };
  return Object.defineProperties({ output }, traits) as ModelOutputs;
}

/** Of `forward` as measured; of `predict`, which may compute anywhere, some copies of the input. */
async function bytesOf(
  model: VictimModel,
  shape: readonly [number, number, number],
  measure: (x: tf.Tensor4D) => Promise<number>,
): Promise<number> {
  if (!model.forward) return 16 * 4 * shape.reduce((a, b) => a * b, 1);
  const x = tf.zeros<tf.Rank.R4>([1, ...shape]);
  try {
    return await measure(x);
  } finally {
    x.dispose();
  }
}
