import type { Yardstick } from '@gauntlet/core';
import { gaussianBatch, ridge } from './gaussian/gaussian.js';

/** The referee's own measure, the same for every attack. */
const yardstick: Yardstick = {
  name: `Gaussian estimate on positions of the first convolution before its activation, λ ${ridge}, in nats`,
  estimate: gaussianBatch,
};
export default yardstick;
