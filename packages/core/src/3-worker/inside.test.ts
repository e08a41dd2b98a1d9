import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, it } from 'vitest';
import type { ThreatModel } from '@gauntlet/api';
import { perThreat, perThreatOnHost } from './inside.js';

const clean = () => tf.fill([3, 4], 0.5) as tf.Tensor2D;
/** One value moved by 0.4, two by 0.4 (0.57 in l2), all by 0.4 (0.8 in l2). */
const perturbed = () => tf.tensor2d([0.9, 0.5, 0.5, 0.5, 0.9, 0.1, 0.5, 0.5, 0.9, 0.9, 0.1, 0.1], [3, 4]);

type Held = (perturbed: tf.Tensor2D, threat: ThreatModel) => number[];
const ways: [string, Held][] = [
  ['the device', (perturbed, threat) => [...perThreat(clean(), perturbed, [0, 1], threat).dataSync()]],
  [
    'the host',
    (perturbed, threat) =>
      perturbed
        .arraySync()
        .map(
          (row) => +perThreatOnHost([0, 1], threat)(new Float32Array(4).fill(0.5), Float32Array.from(row)),
        ),
  ],
];

describe.each(ways)('a perturbation, on %s,', (_, held) => {
  it('is held to the threat model of the attack and to that of the spec', () => {
    expect(held(perturbed(), { norm: 'linf', epsilon: 1 })).toEqual([1, 1, 1]);
    expect(held(perturbed(), { norm: 'linf', epsilon: 1, also: { norm: 'l2', epsilon: 0.6 } })).toEqual([
      1, 1, 0,
    ]);
    expect(held(perturbed(), { norm: 'l2', epsilon: 0.6, also: { norm: 'l1', epsilon: 0.5 } })).toEqual([
      1, 0, 0,
    ]);
    expect(held(perturbed(), { norm: 'l2', epsilon: 0.5, also: { norm: 'linf', epsilon: 1 } })).toEqual([
      1, 0, 0,
    ]);
  });

  it('is held to a number of values', () => {
    expect(held(perturbed(), { norm: 'l0', epsilon: 1 })).toEqual([1, 0, 0]);
    expect(held(perturbed(), { norm: 'linf', epsilon: 1, also: { norm: 'l0', epsilon: 2 } })).toEqual([
      1, 1, 0,
    ]);
  });

  it('may differ by rounding, and by nothing more', () => {
    const within = (by: number, epsilon: number) => held(tf.add(clean(), by), { norm: 'linf', epsilon })[0];
    expect([1 + 5e-5, 1 + 3e-4].map((share) => within(0.4 * share, 0.4))).toEqual([1, 0]);
    expect([0.5 + 1e-6, 0.5 + 1e-5].map((by) => within(by, 1))).toEqual([1, 0]);
  });

  it('that is bound by the box alone is held to the threat model of the spec', () => {
    expect(held(perturbed(), { norm: 'none', epsilon: 0 })).toEqual([1, 1, 1]);
    expect(held(perturbed(), { norm: 'none', epsilon: 0, also: { norm: 'l2', epsilon: 0.6 } })).toEqual([
      1, 1, 0,
    ]);
  });

  it('is nowhere near with what is no number, and not there without any change', () => {
    const odd = tf.tensor2d([0.5, NaN, 0.6, 0.5, 0.6, 0.5, 0.5, NaN, 0.5, 0.5, 0.5, 0.5], [3, 4]);
    expect(held(odd, { norm: 'linf', epsilon: 1 })).toEqual([0, 0, 0]);
  });
});
