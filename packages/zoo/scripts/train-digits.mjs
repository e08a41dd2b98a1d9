// Makes packages/zoo/models/digits-cnn again: node packages/zoo/scripts/train-digits.mjs (about two minutes).
import path from 'node:path';
import { openEngine } from '@gauntlet/core';
import {
  accuracy,
  digitsClassifier,
  registerFilterGradient,
  saveModel,
  syntheticDigits,
  trainClassifier,
} from '@gauntlet/zoo';

const [seed, images, epochs, batchSize] = [0, 6000, 6, 64];
await openEngine('tfjs:wasm');
registerFilterGradient();
const model = digitsClassifier(seed);
await trainClassifier(model, syntheticDigits(images, 0), {
  epochs,
  batchSize,
  seed,
  onEpoch: (epoch, loss) => console.log(`epoch ${epoch}/${epochs}: mean cross-entropy ${loss.toFixed(4)}`),
});
const testAccuracy = await accuracy(model, syntheticDigits(1000, 1));
console.log(`accuracy on 1000 test digits: ${testAccuracy}`);
await saveModel(model, path.join(import.meta.dirname, '../models/digits-cnn'), {
  name: 'digits-cnn',
  task: 'classifier of synthetic 28×28 digits, input [n,28,28,1] in [0,1], output logits',
  data: {
    generator: '@gauntlet/zoo digits',
    trainingSeed: 0,
    trainingImages: images,
    testSeed: 1,
    testImages: 1000,
  },
  training: { epochs, batchSize, seed, optimizer: 'Adam 2e-3', loss: 'cross-entropy' },
  testAccuracy,
  licence: 'Apache-2.0',
  madeBy: 'node packages/zoo/scripts/train-digits.mjs',
});
