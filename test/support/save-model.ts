import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';

export const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-models-'));
let next = 0;

/** Saves a LayersModel the way tfjs does and gives its folder; `change` may spoil what is written. */
export async function save(
  model: tfl.LayersModel,
  change: (json: ModelJson, weights: Float32Array) => void = () => {},
): Promise<string> {
  const to = path.join(folder, `model-${next++}`);
  mkdirSync(to);
  await model.save({
    save: async ({ modelTopology, weightSpecs, weightData }) => {
      const weights = new Float32Array(weightData as ArrayBuffer);
      const json: ModelJson = {
        format: 'layers-model',
        modelTopology,
        weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs! }],
      };
      change(json, weights);
      writeFileSync(path.join(to, 'weights.bin'), weights);
      writeFileSync(path.join(to, 'model.json'), JSON.stringify(json));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
  return to;
}
export interface ModelJson {
  format: string;
  modelTopology: unknown;
  weightsManifest: { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[];
}
