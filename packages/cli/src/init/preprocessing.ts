import type { VictimConfig } from '@gauntlet/core';

type Preprocess = VictimConfig['preprocess'];

export interface Candidate {
  /** What it is known by. */
  name: string;
  preprocess: Preprocess;
}

/**
 * What models are commonly trained on: the images as they are, and for those within [0, 1] within [-1, 1], in 256 levels, or
 * standardised by the mean and deviation of MNIST, of CIFAR-10 or of ImageNet.
 */
export function candidates([low, high]: readonly [number, number], channels: number): Candidate[] {
  const asIs: Candidate = { name: 'as they are', preprocess: {} };
  if (low !== 0 || high !== 1)
    return [asIs, { name: 'within [0, 1]', preprocess: { mean: low, std: high - low } }];
  const standardised =
    channels === 3
      ? [
          {
            name: 'standardised as CIFAR-10',
            preprocess: { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
          },
          {
            name: 'standardised as ImageNet',
            preprocess: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
          },
        ]
      : [{ name: 'standardised as MNIST', preprocess: { mean: 0.1307, std: 0.3081 } }];
  return [
    asIs,
    { name: 'within [-1, 1]', preprocess: { mean: 0.5, std: 0.5 } },
    { name: 'in 256 levels', preprocess: { scale: 255 } },
    ...standardised,
  ];
}

/** Images as they are, unless another way makes at least two more in a hundred right: less may be chance. */
export const better = (accuracy: number, than: number): boolean => accuracy >= than + 0.02;
