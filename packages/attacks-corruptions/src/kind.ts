import type { Stream } from '@gauntlet/api';
import type { Picture } from './picture.js';

/** One severity of a corruption: a picture in, a corrupted one of the same size out, in 0 … 1 but for rounding. */
export type Corrupt = (picture: Picture, stream: Stream) => Picture | Promise<Picture>;

/** Which of the two published sets of parameters. */
export type Scale = 'cifar' | 'imagenet';

export interface Kind {
  /** Five severities for images of 32 pixels (CIFAR-10-C) and of 224 (ImageNet-C). */
  severities: Record<Scale, readonly Corrupt[]>;
}

/** A kind from its two tables of parameters. */
export const kindOf = <P>(
  of: (parameters: P) => Corrupt,
  cifar: readonly P[],
  imagenet: readonly P[],
): Kind => ({ severities: { cifar: cifar.map(of), imagenet: imagenet.map(of) } });
