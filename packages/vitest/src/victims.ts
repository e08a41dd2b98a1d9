import type { ModelKind } from '@gauntlet/api';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { modelName, type SpecInput } from '@gauntlet/core';
import { type Places, plugin } from './places.js';

type VictimInput = NonNullable<SpecInput['victim']>;
type Options = Omit<VictimInput, 'model' | 'http' | 'use' | 'params' | 'kind'>;

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

/** A model behind an address, with the options that a spec has for it. Secrets are named by environment variables there. */
export interface RemoteModel {
  http: NonNullable<VictimInput['http']>;
}

/** A model in code: a victim plugin by package#name or by its path, relative to the test file. */
export interface ModelInCode {
  use: string;
  params?: Record<string, unknown>;
}

type Model = string | InMemoryModel | RemoteModel | ModelInCode;

/** A model to be held against attacks: a path as in a spec, a model in memory or in code, or one behind an address. */
export interface Victim {
  readonly kind: ModelKind;
  readonly model: Model;
  readonly options: Options;
}

/**
 * A classifier for the matchers. A path is relative to the test file; `bounds` are the smallest and the largest value of
 * an input, in whose units epsilon is.
 */
export const classifier = (model: Model, options: Options): Victim => ({
  kind: 'classifier',
  model,
  options,
});

/** The same for an autoencoder. */
export const autoencoder = (model: Model, options: Options): Victim => ({
  kind: 'autoencoder',
  model,
  options,
});

/** The same for an encoder, whose attacks need a criterion. */
export const encoder = (model: Model, options: Options): Victim => ({ kind: 'encoder', model, options });

/** As a spec writes it. A model in memory is put below `home`, once for the same weights, for workers to read. */
export async function victimInput(
  { kind, model, options }: Victim,
  { folder, home }: Places,
): Promise<VictimInput> {
  if (typeof model === 'object' && 'http' in model)
    return { name: addressName(model.http.url), http: model.http, kind, ...options };
  if (typeof model === 'object' && 'use' in model)
    return { name: modelName(model.use), ...model, use: plugin(model.use, folder), kind, ...options };
  if (typeof model !== 'string')
    return { name: model.name ?? 'model', model: await keep(model, home), kind, ...options };
  const file = path.resolve(folder, model);
  // What is no file may be one of a package; the spec knows how to find it.
  const at = existsSync(file) || model.startsWith('.') ? file : model;
  // The spec that is written for a test has no name that says something.
  return { name: modelName(model), model: at, kind, ...options };
}

/** Host and path, without what may be a secret; a url that is none is for the spec's own check to refuse. */
function addressName(url: string): string {
  if (!URL.canParse(url)) return 'model';
  const { host, pathname } = new URL(url);
  return pathname === '/' ? host : `${host}${pathname}`;
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
