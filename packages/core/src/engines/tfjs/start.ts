import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import './gradients.js';
import type { Engine } from '../engine.js';
import { GauntletError } from '../../errors/gauntlet-error.js';
import { loadGraphModel } from './graph-model.js';
import { registerGradients } from './kernels/register-gradients.js';
import { registerWasmKernels } from './kernels/register-wasm.js';
import { loadLayersModel } from './layers-model.js';
import { readModelFiles } from './model-files.js';

// No advertisements on stderr, no debug checks.
tf.enableProdMode();
registerGradients();
let wasmReady = false;

/** Starts TensorFlow.js on a device and makes it the current backend. Cheap when called again. */
export async function startTfjs(device: 'wasm' | 'cpu'): Promise<Engine> {
  const name = `tfjs:${device}`;
  if (tf.getBackend() !== device && !(await tf.setBackend(device))) {
    throw new GauntletError('engine-start', `The engine ${name} could not start. Try --engine tfjs:cpu.`);
  }
  // The stock kernels that some of these call are set up when the backend starts, so this comes after.
  if (device === 'wasm' && !wasmReady) registerWasmKernels();
  wasmReady ||= device === 'wasm';
  return {
    name,
    async load(source) {
      const files = await readModelFiles(source.path);
      return files.format === 'layers-model' ? loadLayersModel(files, source) : loadGraphModel(files, source);
    },
  };
}
