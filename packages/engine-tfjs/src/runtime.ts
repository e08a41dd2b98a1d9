/** For engines that run beside TensorFlow.js or fall back on it. */
export { refuseForeign } from './foreign/refuse-foreign.js';
export { readModelFiles } from './model-files.js';
export type { ModelFiles } from './model-json.js';
export { loadTfjs, startTensors, startTfjs } from './start.js';
export { throughSteps } from './straight-through.js';
export { measureBytes, tapeGradient } from './tape.js';
