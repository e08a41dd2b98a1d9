import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { EnginePlugin, LoadedModel, ModelSource, StartedEngine } from '@gauntlet/api';
import { builtInEngines, loadPlugin } from '@gauntlet/core';
import { engineConformance } from '@gauntlet/testing';
import { digitsModel, repository } from '../support/cli.js';

const example = path.join(repository, 'examples/plugins/engine');
const file = path.join(example, 'logistic.mjs');
const logistic = await loadPlugin('engine', { url: pathToFileURL(file).href });
const coefficients = path.join(example, 'digits.json');

/** The example with some of what its models do replaced. */
const spoilt = (name: string, spoil: (model: LoadedModel) => Partial<LoadedModel>): EnginePlugin => ({
  ...logistic,
  name,
  async start(context) {
    const engine = await logistic.start(context);
    return {
      async load(source) {
        const model = await engine.load(source);
        return { ...model, ...spoil(model) };
      },
    };
  },
});

async function failures(engine: EnginePlugin): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of engineConformance({ engine, model: coefficients }))
    await run().catch(() => failed.push(name.slice(engine.name.length + 2)));
  return failed;
}

describe('engines', () => {
  for (const engine of builtInEngines)
    for (const { name, run } of engineConformance({ engine, model: digitsModel })) it(name, run);
  for (const { name, run } of engineConformance({ engine: logistic, model: coefficients })) it(name, run);
});

describe('the kit fails an engine', () => {
  it('whose outputs depend on the batch', async () => {
    const engine = spoilt('batch', ({ predict }) => ({
      predict: async (x) => {
        const output = await predict(x);
        return tf.tidy(() => tf.sub(output, tf.mean(output, 0)));
      },
    }));
    expect(await failures(engine)).toContain(
      'does not depend on the other images of the batch, nor on their order',
    );
  });

  it('whose gradient is not its own', async () => {
    const engine = spoilt('half', ({ differentiate }) => ({
      differentiate: async (x, objective) => {
        const { gradient, ...rest } = await differentiate(x, objective);
        return { ...rest, gradient: tf.tidy(() => tf.mul(gradient, 0.5)) };
      },
    }));
    expect(await failures(engine)).toEqual([
      'has the gradient that differences of predict show',
      // The gradient that was halved is left lying.
      'keeps no tensor of a pass, and none of a model that is disposed of',
    ]);
  });

  it('that gives other outputs with a gradient, or another value', async () => {
    for (const what of ['output', 'value'] as const) {
      const engine = spoilt(what, ({ differentiate }) => ({
        differentiate: async (x, objective) => {
          const found = await differentiate(x, objective);
          const other = tf.add(found[what], 1);
          found[what].dispose();
          return { ...found, [what]: other };
        },
      }));
      expect(await failures(engine)).toEqual([
        'gives with a gradient the output of predict, and the value of the objective',
      ]);
    }
  });

  it('whose hash is of the moment, or that keeps its weights', async () => {
    let loads = 0;
    expect(await failures(spoilt('moment', () => ({ hash: String(loads++) })))).toEqual([
      'is the same model, with the same hash, whenever it is loaded',
    ]);
    expect(await failures(spoilt('hoard', () => ({ dispose: () => {} })))).toEqual([
      'keeps no tensor of a pass, and none of a model that is disposed of',
    ]);
  });

  it('that gives some model for a file that is not there, or does not say which one that is', async () => {
    const loading = (
      load: (its: StartedEngine, source: ModelSource) => ReturnType<StartedEngine['load']>,
    ) => ({
      ...logistic,
      start: async (context: Parameters<typeof logistic.start>[0]) => {
        const its = await logistic.start(context);
        return { load: (source: ModelSource) => load(its, source) };
      },
    });
    const other = loading((its, source) => its.load({ ...source, path: coefficients }));
    const silent = loading((its, source) => {
      if (!existsSync(source.path)) throw new Error('it cannot be read');
      return its.load(source);
    });
    for (const engine of [other, silent])
      expect(await failures(engine)).toEqual(['says which file is not there']);
  });
});
