import type { ModelSource, Engine } from '../engine.js';
import type { OnnxProvider } from '../engine-names.js';
import { startTfjs } from '../tfjs/start.js';
import { deviceOfWorker } from './device.js';
import { loadLowered } from './lowered.js';
import { OnnxModel } from './onnx-model.js';
import { readOnnxVictim } from './onnx-file.js';
import { tryProvider } from './providers.js';
import { settleBatch } from './settle-batch.js';

/** Starts ONNX Runtime on a provider. Tensors between passes live in TensorFlow.js on wasm. */
export async function startOnnx(provider: OnnxProvider): Promise<Engine> {
  const name = `onnx:${provider}`;
  const place = { provider, deviceId: deviceOfWorker() };
  await tryProvider(place);
  const tfjs = await startTfjs('wasm').catch(() => startTfjs('cpu'));
  return {
    name,
    async load(source: ModelSource) {
      if (!source.path.endsWith('.onnx')) return loadLowered(source, name, place, tfjs);
      return settleBatch(readOnnxVictim(source), (victim) => new OnnxModel(victim, place, name));
    },
  };
}

