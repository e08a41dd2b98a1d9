import { GauntletError } from '@gauntlet/api';
import { examineEngine, openEngine } from '@gauntlet/core';
import { registerFilterGradient } from './filter-gradient.js';

/** Native TensorFlow where it is installed, else WebAssembly. */
const preferred = ['tfjs:tensorflow-gpu', 'tfjs:tensorflow', 'tfjs:wasm'];

/** The engine that `auto` means for training; ONNX Runtime does not train. */
export async function chooseTrainingEngine(name = 'auto'): Promise<string> {
  if (name !== 'auto') {
    if (name.startsWith('tfjs:')) return name;
    throw new GauntletError('engine-unknown', `${name} does not train. Use one of ${preferred.join(', ')}.`);
  }
  for (const candidate of preferred.slice(0, -1)) {
    if ((await examineEngine(candidate, 'start')).error === undefined) return candidate;
  }
  return preferred.at(-1)!;
}

/** Makes an engine that trains the current one. */
export async function openTrainingEngine(name: string): Promise<void> {
  await openEngine(name);
  registerFilterGradient();
}
