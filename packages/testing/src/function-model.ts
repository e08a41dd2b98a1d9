import type * as tf from '@tensorflow/tfjs-core';
import type { EngineModel, ModelOutputs } from '@gauntlet/api';
import { tapeGradient } from '@gauntlet/engine-tfjs/runtime';
import { tidy } from './tidy.js';

/** A model written as a function of tfjs operations, for tests. Start an engine (`openEngine`) first. */
export function functionModel(
  inputShape: readonly number[],
  forward: (x: tf.Tensor) => ModelOutputs,
  convolution?: string,
): EngineModel {
  return {
    inputShape,
    softmaxRemoved: false,
    convolution,
    bytesPerSample: 1024,
    hash: 'function',
    engine: 'function',
    notes: [],
    predict: async (x) => tidy(() => forward(x).output),
    features: async (x) =>
      tidy(() => {
        const { features, preactivation } = forward(x);
        return { features: features!, preactivation: preactivation! };
      }),
    differentiate: async (x, objective) => tapeGradient(x, forward, objective),
    dispose: () => {},
  };
}
