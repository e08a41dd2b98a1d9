import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SpecInput } from '@gauntlet/core';

type VictimInput = NonNullable<SpecInput['victim']>;
type Options = Omit<VictimInput, 'model' | 'kind'>;

/** A LayersModel of TensorFlow.js, of whatever copy of it. */
export interface InMemoryModel {
  name?: string;
  save(handler: { save(artifacts: Artifacts): Promise<{ modelArtifactsInfo: object }> }): Promise<unknown>;
}

interface Artifacts {
  modelTopology?: unknown;
  weightSpecs?: unknown;
  weightData?: ArrayBuffer | ArrayBuffer[];
}

/** A model to be held against attacks: a path as in a spec, or a model in memory. */
export interface Victim {
  readonly kind: 'classifier' | 'autoencoder';
  readonly model: string | InMemoryModel;
  readonly options: Options;
}

/**
 * A classifier for the matchers. Paths are relative to the working directory; `bounds` are the smallest and the largest
 * value of an input, in whose units epsilon is.
 */
export const classifier = (model: string | InMemoryModel, options: Options): Victim => ({ kind: 'classifier', model, options }); // prettier-ignore

/** The same for an autoencoder. */
export const autoencoder = (model: string | InMemoryModel, options: Options): Victim => ({ kind: 'autoencoder', model, options }); // prettier-ignore

/** As a spec writes it. A model in memory is put below `folder`, once for the same weights, for workers to read. */
export async function victimInput({ kind, model, options }: Victim, folder: string): Promise<VictimInput> {
  if (typeof model === 'string') return { model: findModel(model), kind, ...options };
  return { name: model.name ?? 'model', model: await keep(model, folder), kind, ...options };
}

/** A file relative to the working directory; anything else is left to the spec, which knows packages too. */
const findModel = (model: string) => (existsSync(path.resolve(model)) ? path.resolve(model) : model);

async function keep(model: InMemoryModel, folder: string): Promise<string> {
  let file = '';
  await model.save({
    save: async ({ modelTopology, weightSpecs, weightData = [] }) => {
      const weights = Buffer.concat([weightData].flat().map((part) => Buffer.from(part)));
      const json = JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }] }); // prettier-ignore
      const hash = createHash('sha256').update(json).update(weights).digest('hex').slice(0, 16);
      const target = path.join(folder, 'models', hash);
      file = path.join(target, 'model.json');
      if (existsSync(file)) return { modelArtifactsInfo: {} };
      mkdirSync(target, { recursive: true });
      // Another test process may write the same model now.
      for (const [name, content] of [['weights.bin', weights], ['model.json', json]] as const) {
        const part = path.join(target, `${name}.${process.pid}`);
        writeFileSync(part, content);
        renameSync(part, path.join(target, name));
      } // prettier-ignore
      return { modelArtifactsInfo: {} };
    },
  });
  return file;
}
