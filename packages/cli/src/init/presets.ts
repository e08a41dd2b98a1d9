/** A ball that the field reports robustness in, for inputs in [0, 1]. */
export interface Ball {
  norm: 'linf' | 'l2';
  /** As people write it: `8/255`. */
  epsilon: string;
}

/**
 * Two balls for a kind of images. Colour: those of the leaderboards on CIFAR-10 (Croce et al., "RobustBench", NeurIPS 2021,
 * Datasets and Benchmarks) and, for large images, on ImageNet with the L2 of Salman et al., "Do Adversarially Robust
 * ImageNet Models Transfer Better?", NeurIPS 2020. Grey: L∞ 0.1, the smaller of the two usual on MNIST.
 */
export function presetsFor([h, w, channels]: readonly number[]): Ball[] {
  if (channels === 1) return [ball('linf', '0.1'), ball('l2', '0.5')];
  return Math.max(h, w) >= 128
    ? [ball('linf', '4/255'), ball('l2', '3')]
    : [ball('linf', '8/255'), ball('l2', '0.5')];
}

const ball = (norm: Ball['norm'], epsilon: string): Ball => ({ norm, epsilon });

/** Epsilon as a spec has it, in the units of inputs that span `range`: a fraction stays one where it can. */
export function epsilonIn(epsilon: string, range: number): string | number {
  const [above, below = 1] = epsilon.split('/').map(Number);
  if (range !== 1) return Number(((above / below) * range).toPrecision(6));
  return epsilon.includes('/') ? epsilon : above;
}

/** What is done to each kind of victim. The limits are a beginning, each for one cell. */
export const attacksFor = {
  classifier: (balls: readonly Ball[], range: number) =>
    balls.map(({ norm, epsilon }) => ({
      name: `standard-${norm}`,
      use: 'standard',
      params: { norm, epsilon: epsilonIn(epsilon, range) },
      expect: { asr: { max: 0.5 } },
    })),
  autoencoder: (_balls: readonly Ball[], range: number) => [
    {
      use: 'gaussian',
      params: { sigma: 0.05 * range },
      expect: { reconstructionDegradation: { max: 0.1 } },
    },
    {
      use: 'mine-uae',
      params: { similarity: 'gaussian', initialC: 10, epsilon: range },
      expect: { mi: { min: 3 } },
    },
    { use: 'l2-uae', params: { epsilon: range }, expect: { reconstructionDegradation: { max: 0.5 } } },
  ],
};
