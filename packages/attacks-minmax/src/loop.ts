/** For attacks with another goal or another similarity: the loop of MinMax and the parameters that go with it. */
export { iterationsWithin, minmaxLoop, type MinMaxLoop } from './minmax-loop.js';
export { loopParams, similarityParams, weightParams } from './shared-params.js';
