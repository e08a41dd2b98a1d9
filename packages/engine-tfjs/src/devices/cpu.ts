import { createRequire } from 'node:module';
import { tf } from '@gauntlet/api';
import type { TfjsBackend } from './backend.js';

// As in @gauntlet/api's tf.ts; it registers itself.
createRequire(import.meta.url)('@tensorflow/tfjs-backend-cpu');

/** Plain JavaScript: runs everywhere, slowly. */
export const cpu: TfjsBackend = {
  backend: 'cpu',
  remedy: 'Install the package again.',
  start: () => tf.setBackend('cpu'),
};
