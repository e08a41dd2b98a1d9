/** For workers that start before it is known what they will run: all of the engine is loaded at once. */
export { startOnnx } from './start.js';
export { warmUp } from './providers.js';
