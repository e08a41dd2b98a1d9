import { tf } from '@gauntlet/api';
import type { TfjsBackend } from './backend.js';

/** The `webgpu` package: Dawn for Node. */
interface Dawn {
  create: (options: string[]) => unknown;
  globals: object;
}

/** TensorFlow.js' WebGPU backend was written for browsers: it finds here what it looks for there. */
export const webgpu: TfjsBackend = {
  backend: 'webgpu',
  remedy:
    'Install it with "npm install webgpu @tensorflow/tfjs-backend-webgpu" on a machine with a GPU and its driver.',
  async start() {
    const dawn = 'webgpu';
    const { create, globals } = (await import(dawn)) as Dawn;
    Object.assign(globalThis, globals);
    const gpu = create([]);
    Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
    // It asks for these globals while it is imported, so not before now.
    const backend = '@tensorflow/tfjs-backend-webgpu';
    await import(backend);
    return tf.setBackend('webgpu');
  },
};
