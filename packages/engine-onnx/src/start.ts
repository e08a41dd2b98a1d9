import type { Card, Engine, EngineModel, GraphRunner, ModelSource } from '@gauntlet/api';
import { refuseForeign, startTensors } from '@gauntlet/engine-tfjs/runtime';
import { openOnnxFile } from './open-onnx-file.js';
import type { OnnxProvider } from './provider-names.js';
import { tryProvider } from './providers.js';
import { openModel } from './session.js';

/** One for each provider: plugins keep the graphs that they have opened by runner. */
const runners: Partial<Record<OnnxProvider, GraphRunner>> = {};

/** Starts ONNX Runtime on a provider. Tensors between passes live in TensorFlow.js on wasm. */
export async function startOnnx(provider: OnnxProvider, card: Card): Promise<Engine> {
  const name = `onnx:${provider}`;
  const place = { provider, deviceId: card.index };
  await tryProvider(place);
  const tfjs = await startTensors(card);
  const graphs = (runners[provider] ??= Object.assign(
    (model: Uint8Array) => openModel(model, place, 'a graph of a plugin'),
    { onProcessor: provider === 'cpu' },
  ));
  return {
    name,
    async load(source: ModelSource) {
      await refuseForeign(source.path);
      const model: EngineModel = source.path.endsWith('.onnx')
        ? await openOnnxFile(source, place, name)
        : await (await import('./lowered.js')).loadLowered(source, name, place, tfjs);
      return Object.assign(model, { graphs });
    },
  };
}
