import { GauntletError } from '@gauntlet/api';
import type { Estimator } from '../estimator.js';
import { fastCritic, type MakeCritic, paperCritic, positionsCritic } from './critics.js';
import type { Marginals } from './donsker-varadhan.js';
import { featureMaps, positions, randomProjections } from './sampling.js';
import { MineSession } from './session.js';

export type SamplingName = 'auto' | 'conv' | 'random-sampling';

export interface MineOptions {
  network: 'paper' | 'fast' | 'positions';
  /** Where the samples come from; `positions` has its own. `auto`: feature maps, or projections if there are fewer than 16. */
  sampling?: SamplingName;
  marginals?: Marginals;
  /** Adam's rate on the reference network; `positions` uses its own by default. */
  learningRate?: number;
}

const critics: Record<MineOptions['network'], MakeCritic> = {
  paper: paperCritic,
  fast: fastCritic,
  positions: positionsCritic,
};

/** Default learning rates: the reference's, and the one measured for positions. */
const rates = { paper: 1.5e-5, fast: 1.5e-5, positions: 5e-3 };

/** All pairs of more samples than this would fill the memory. */
const mostForAllPairs = 128;

/** Fewer feature maps than this are no sample to speak of. */
const fewestMaps = 16;

/** MINE (Belghazi et al. 2018) with one network per image. */
export function mine({
  network,
  sampling = 'auto',
  marginals = 'shuffle',
  learningRate = rates[network],
}: MineOptions): Estimator {
  const where = network === 'positions' ? 'positions of the first convolution' : `sampling ${sampling}`;
  return {
    name: network,
    description: `MINE, ${network} network, ${where}, marginals by ${marginals}, Adam ${learningRate}`,
    // Parameters, gradients, two moments, and what is made in passing: 510 MB measured for `paper` on 28×28.
    bytesPerSample: (shape) => 4 * 11 * parameterCount(network, shape),
    async open(clean, streams, graphs) {
      const maps = clean.features.shape[3];
      const projected = sampling === 'random-sampling' || (sampling === 'auto' && maps < fewestMaps);
      const samples =
        network === 'positions'
          ? positions(clean)
          : projected
            ? randomProjections(clean, streams)
            : featureMaps(clean);
      const [, k, dimension] = samples.u.shape;
      if (marginals === 'all-pairs' && k > mostForAllPairs) {
        samples.dispose();
        throw new GauntletError(
          'mine-pairs',
          `marginals: all-pairs takes up to ${mostForAllPairs} samples per image, here there are ${k}. Use marginals: shuffle.`,
        );
      }
      const critic = critics[network](dimension, samples.map, streams);
      if (graphs) {
        const { CompiledMineSession } = await import('./compiled/session.js');
        return CompiledMineSession.open(critic, samples, marginals, learningRate, streams, graphs);
      }
      return new MineSession(critic, samples, marginals, learningRate, streams);
    },
  };
}

/** Parameters of one image's network, for maps of the image's size. */
function parameterCount(network: MineOptions['network'], [h, w]: readonly [number, number, number]): number {
  if (network === 'paper') return 2 * (h - 1) * (w - 1) * 16 * 512;
  return network === 'fast' ? 2 * 10 * h * w : 32 * h * w;
}
