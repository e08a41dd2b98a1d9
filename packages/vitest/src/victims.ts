import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { modelName, type SpecInput } from '@gauntlet/core';

type VictimInput = NonNullable<SpecInput['victim']>;
type Options = Omit<VictimInput, 'model' | 'kind'>;

/** Folder of the test file, to which paths are relative, and the one that runs of its matchers are kept in. */
export interface Places {
  folder: string;
  home: string;
}

/** A LayersModel of TensorFlow.js, of whatever copy of it. */
export interface InMemoryModel {
  name?: string;
  save(handler: { save(artifacts: Artifacts): Promise<Saved> }): Promise<unknown>;
}

interface Saved {
  modelArtifactsInfo: { dateSaved: Date; modelTopologyType: 'JSON' };
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
 * A classifier for the matchers. A path is relative to the test file; `bounds` are the smallest and the largest value of
 * an input, in whose units epsilon is.
 */
export const classifier = (model: string | InMemoryModel, options: Options): Victim => ({
  kind: 'classifier',
  model,
  options,
});

/** The same for an autoencoder. */
export const autoencoder = (model: string | InMemoryModel, options: Options): Victim => ({
  kind: 'autoencoder',
  model,
  options,
});

/** As a spec writes it. A model in memory is put below `home`, once for the same weights, for workers to read. */
export async function victimInput(
  { kind, model, options }: Victim,
  { folder, home }: Places,
): Promise<VictimInput> {
  if (typeof model !== 'string')
    return { name: model.name ?? 'model', model: await keep(model, home), kind, ...options };
  const file = path.resolve(folder, model);
  // What is no file may be one of a package; the spec knows how to find it.
  const at = existsSync(file) || model.startsWith('.') ? file : model;
  // The spec that is written for a test has no name that says something.
  return { name: modelName(model), model: at, kind, ...options };
}

const saved: Saved = { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };

async function keep(model: InMemoryModel, home: string): Promise<string> {
  let file = '';
  await model.save({
    save: async ({ modelTopology, weightSpecs, weightData = [] }) => {
      const weights = Buffer.concat([weightData].flat().map((part) => Buffer.from(part)));
      const json = JSON.stringify({
        format: 'layers-model',
        modelTopology,
        weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
      });
      const hash = createHash('sha256').update(json).update(weights).digest('hex').slice(0, 16);
      const target = path.join(home, 'models', hash);
      file = path.join(target, 'model.json');
      if (existsSync(file)) return saved;
      mkdirSync(target, { recursive: true });
      // Another test process may write the same model now.
      for (const [name, content] of [
        ['weights.bin', weights],
        ['model.json', json],
      ] as const) {
        const part = path.join(target, `${name}.${process.pid}`);
        writeFileSync(part, content);
        renameSync(part, path.join(target, name));
      }
      return saved;
    },
  });
  return file;
}
