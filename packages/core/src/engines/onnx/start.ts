import type { ModelSource, Engine, EngineModel } from '../engine.js';
import type { OnnxProvider } from '../engine-names.js';
import { cardOfWorker } from '../devices.js';
import type { GraphRunner } from '../graph-runner.js';
import { startTfjs } from '../tfjs/start.js';
import { loadLowered } from './lowered.js';
import { OnnxModel } from './onnx-model.js';
import { readOnnxVictim } from './onnx-file.js';
import { tryProvider } from './providers.js';
import { openSession } from './session.js';
import { settleBatch } from './settle-batch.js';

/** One for each provider: plugins keep the graphs that they have opened by runner. */
const runners: Partial<Record<OnnxProvider, GraphRunner>> = {};

/** Starts ONNX Runtime on a provider. Tensors between passes live in TensorFlow.js on wasm. */
export async function startOnnx(provider: OnnxProvider): Promise<Engine> {
  const name = `onnx:${provider}`;
  const place = { provider, deviceId: cardOfWorker() };
  await tryProvider(place);
  const tfjs = await startTfjs('wasm').catch(() => startTfjs('cpu'));
  const graphs = (runners[provider] ??= (graph) => openSession(graph, place, 'a graph of a plugin'));
  return {
    name,
    async load(source: ModelSource) {
      const model: EngineModel = source.path.endsWith('.onnx')
        ? await settleBatch(readOnnxVictim(source), (victim) => new OnnxModel(victim, place, name))
        : await loadLowered(source, name, place, tfjs);
      return Object.assign(model, { graphs });
    },
  };
}
