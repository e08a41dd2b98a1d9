import { createRequire } from 'node:module';
import { tf } from '@gauntlet/api';
import { registerWasmKernels } from '../kernels/register-wasm.js';
import type { TfjsBackend } from './backend.js';

// As in @gauntlet/api's tf.ts; it registers itself.
createRequire(import.meta.url)('@tensorflow/tfjs-backend-wasm');

let ready = false;

/** WebAssembly: one thread per worker; lacks gradients of filters and of depthwise convolutions, which are added. */
export const wasm: TfjsBackend = {
  backend: 'wasm',
  remedy: 'Use --engine tfjs:cpu.',
  async start() {
    if (!(await tf.setBackend('wasm'))) return false;
    // The stock kernels that some of these call are set up when the backend starts, so this comes after.
    if (!ready) registerWasmKernels();
    ready = true;
    return true;
  },
};
