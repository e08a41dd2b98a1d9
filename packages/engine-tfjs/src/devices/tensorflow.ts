import util from 'node:util';
import { tf } from '@gauntlet/api';
import type { TfjsBackend } from './backend.js';

/** Functions that Node 23 removed and tfjs-node 4.22 still calls. */
function restoreRemovedFunctions(): void {
  const legacy = util as unknown as Record<string, unknown>;
  legacy.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  legacy.isArray ??= Array.isArray;
}

/** Native TensorFlow. It belongs in a process of its own: in threads it breaks from the second one on. */
const native = (packageName: string, remedy: string): TfjsBackend => ({
  backend: 'tensorflow',
  remedy,
  async start({ index, visible }) {
    restoreRemovedFunctions();
    // One card for each worker, before TensorFlow looks for them.
    if (visible.length > 0) process.env.CUDA_VISIBLE_DEVICES = visible[index];
    // Take memory on the card as it is needed, and keep TensorFlow's own log for errors.
    process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
    await import(packageName);
    return tf.setBackend('tensorflow');
  },
});

export const tensorflow = native(
  '@tensorflow/tfjs-node',
  'Install it with "npm install @tensorflow/tfjs-node"; where its download cannot be reached, build it against a TensorFlow that is there (npm run native:build, see docs/engines.md).',
);

export const tensorflowGpu = native(
  '@tensorflow/tfjs-node-gpu',
  'Install it with "npm install @tensorflow/tfjs-node-gpu" on Linux with an NVIDIA card and CUDA 11.',
);
