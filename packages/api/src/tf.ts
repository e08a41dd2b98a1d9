// TensorFlow.js is CommonJS. To import such a file Node.js first searches its whole text for names of exports, which takes longer than
// loading it; `require` does not.
import tf = require('@tensorflow/tfjs-core');

/** TensorFlow.js as Gauntlet uses it: a plugin that takes it from here works on the same copy, wherever its file lies. */
export { tf };
