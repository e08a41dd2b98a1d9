import { sha256 } from '@noble/hashes/sha2.js';
import { tf } from '../tf.js';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

const utf8 = new TextEncoder();

/** One reproducible stream of random numbers. */
export class Stream {
  readonly #generator: ReturnType<typeof xoroshiro128plusFromState>;
  #spare: number | undefined;

  /**
   * Streams with the same key are the same; any difference in the key gives an unrelated stream: all 128 bits of the
   * generator's state are those of the key's sha256, but for a last word of 0: a state of zeros alone would stay so.
   */
  constructor(...key: readonly (string | number)[]) {
    const { buffer, byteOffset } = sha256(utf8.encode(JSON.stringify(key)));
    const digest = new DataView(buffer, byteOffset);
    const [a, b, c, d] = [0, 4, 8, 12].map((at) => digest.getInt32(at, true));
    this.#generator = xoroshiro128plusFromState([a, b, c, d || 1]);
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * uniformFloat64(this.#generator);
  }

  /** Uniform integer in [0, below). */
  integer(below: number): number {
    return uniformInt(this.#generator, 0, below - 1);
  }

  /** Standard normal (Box–Muller). */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** A uniformly random permutation of 0 … length − 1 (Fisher–Yates). */
  permutation(length: number): Int32Array {
    const order = Int32Array.from({ length }, (_, i) => i);
    for (let i = length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }
}

/**
 * Randomness for a batch: one stream per sample, keyed by seed, attack, sample index and purpose. What a
 * sample draws therefore does not depend on which other samples share its batch.
 */
export class BatchRandom {
  readonly #seed: number;
  readonly #owner: string;
  readonly #indices: readonly number[];

  constructor(seed: number, owner: string, indices: readonly number[]) {
    this.#seed = seed;
    this.#owner = owner;
    this.#indices = indices;
  }

  /** The same samples with unrelated streams: for a restart, a search, a network. */
  part(name: string): BatchRandom {
    return new BatchRandom(this.#seed, `${this.#owner}/${name}`, this.#indices);
  }

  /** These samples alone (positions in the batch), with the streams that they have in it. */
  rows(rows: readonly number[]): BatchRandom {
    return new BatchRandom(
      this.#seed,
      this.#owner,
      rows.map((row) => this.#indices[row]),
    );
  }

  /** The streams of all samples for one purpose, in batch order. */
  streams(purpose: string): Stream[] {
    return this.#indices.map((index) => new Stream(this.#seed, this.#owner, index, purpose));
  }

  /** [n, ...shape], each sample filled from its own stream by `draw`. */
  tensor(purpose: string, shape: readonly number[], draw: (stream: Stream) => number): tf.Tensor {
    return drawTensor(this.streams(purpose), shape, draw);
  }
}

/** [streams.length, ...shape], row i filled from stream i. */
export function drawTensor(
  streams: readonly Stream[],
  shape: readonly number[],
  draw: (stream: Stream) => number,
): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = new Float32Array(streams.length * size);
  streams.forEach((stream, row) => {
    for (let i = 0; i < size; i++) values[row * size + i] = draw(stream);
  });
  return tf.tensor(values, [streams.length, ...shape]);
}
