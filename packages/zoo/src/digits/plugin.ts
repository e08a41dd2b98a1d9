import { digits } from './dataset.js';

/** The plugin without the training, which loads TensorFlow.js' layers. */
export default [digits];
