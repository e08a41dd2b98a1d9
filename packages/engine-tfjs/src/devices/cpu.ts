import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { TfjsBackend } from './backend.js';

/** Plain JavaScript: runs everywhere, slowly. */
export const cpu: TfjsBackend = {
  backend: 'cpu',
  remedy: 'Install the package again.',
  start: () => tf.setBackend('cpu'),
};
