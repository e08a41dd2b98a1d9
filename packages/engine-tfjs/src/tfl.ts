// By `require`, as in @gauntlet/api's tf.ts.
import tfl = require('@tensorflow/tfjs-layers');

export { tfl };
