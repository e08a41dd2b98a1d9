import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import type { ThreatModel } from '@gauntlet/api';
import { perThreat } from './inside.js';

const clean = () => tf.fill([3, 4], 0.5) as tf.Tensor2D;
/** One value moved by 0.4, two by 0.4 (0.57 in l2), all by 0.4 (0.8 in l2). */
const perturbed = () => tf.tensor2d([0.9, 0.5, 0.5, 0.5, 0.9, 0.1, 0.5, 0.5, 0.9, 0.9, 0.1, 0.1], [3, 4]);
const inside = (threat: ThreatModel) => [...perThreat(clean(), perturbed(), [0, 1], threat).dataSync()];

it('holds a sample to the threat model of the attack and to that of the spec', () => {
  expect(inside({ norm: 'linf', epsilon: 1 })).toEqual([1, 1, 1]);
  expect(inside({ norm: 'linf', epsilon: 1, also: { norm: 'l2', epsilon: 0.6 } })).toEqual([1, 1, 0]);
  expect(inside({ norm: 'l2', epsilon: 0.6, also: { norm: 'l1', epsilon: 0.5 } })).toEqual([1, 0, 0]);
  expect(inside({ norm: 'l2', epsilon: 0.5, also: { norm: 'linf', epsilon: 1 } })).toEqual([1, 0, 0]);
});

it('forgives rounding, and nothing more', () => {
  const within = (by: number, epsilon: number) =>
    perThreat(clean(), tf.add(clean(), by), [0, 1], { norm: 'linf', epsilon }).dataSync()[0];
  expect([1 + 5e-5, 1 + 3e-4].map((share) => within(0.4 * share, 0.4))).toEqual([1, 0]);
  expect([0.5 + 1e-6, 0.5 + 1e-5].map((by) => within(by, 1))).toEqual([1, 0]);
});

it('holds an attack that is bound by the box alone to the threat model of the spec', () => {
  expect(inside({ norm: 'none', epsilon: 0 })).toEqual([1, 1, 1]);
  expect(inside({ norm: 'none', epsilon: 0, also: { norm: 'l2', epsilon: 0.6 } })).toEqual([1, 1, 0]);
});
