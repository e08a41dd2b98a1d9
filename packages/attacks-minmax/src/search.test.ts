import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { BatchRandom, type GraphRunner, misclassified } from '@gauntlet/api';
import { CountedVictim, newLedger, openVictim, type VictimConfig } from '@gauntlet/core';
import { gaussian } from '@gauntlet/mutual-information';
import { minmaxLoop } from './minmax-loop.js';

const model = path.join(import.meta.dirname, '../../zoo/models/digits-cnn/model.json');
const config = { name: 'v', model, kind: 'classifier', bounds: [0, 1], output: 'auto', preprocess: {} };

it('opens its estimator with the graph runner of the victim at hand, whichever engine has started last', async () => {
  const open = async (engine: string) =>
    (await openVictim({ ...config, engine } as VictimConfig, [28, 28, 1])).victim;
  const victims = [await open('tfjs:wasm'), await open('onnx:cpu')];
  const opened: (GraphRunner | undefined)[] = [];
  const estimator: typeof gaussian = {
    ...gaussian,
    open: (clean, streams, graphs) => {
      opened.push(graphs);
      return gaussian.open(clean, streams, graphs);
    },
  };
  for (const victim of [...victims, ...victims]) {
    await minmaxLoop({
      victim: new CountedVictim(victim, newLedger(1)),
      x: tf.fill([1, 28, 28, 1], 0.5),
      random: new BatchRandom(1, 'search', [0]),
      goal: () => misclassified(Int32Array.of(0)),
      estimator,
      sense: 1,
      alpha: 0.01,
      epsilon: 0.1,
      iterations: 1,
      mineSteps: 1,
      initialRadius: null,
      keepImproving: true,
      beta: 0.1,
      initialC: 1,
    });
  }
  const [plain, compiled] = victims.map(({ graphs }) => graphs);
  expect(plain).toBeUndefined();
  expect(compiled).toBeTypeOf('function');
  expect(opened).toEqual([plain, compiled, plain, compiled]);
});
