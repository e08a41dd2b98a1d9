import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '@gauntlet/core';
import { call } from '../../testing/src/call-attack.js';
import { linearAutoencoder } from '../../testing/src/linear-autoencoder.js';
import { l2Uae } from './l2-uae.js';

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

it.each(['norm', 'squared'])(
  'goes far where it may: the oracle allows ‖x − ½‖ and no more (%s)',
  async (distance) => {
    const oracle = linearAutoencoder(4);
    const params = { distance, initialC: 10, iterations: 80 };
    const { perturbed } = await call({ attack: l2Uae, params: () => undefined }, oracle, params);
    const size = perturbed.length / 4;
    for (const row of [0, 1, 2, 3]) {
      const part = (from: Float32Array) => [...from.subarray(row * size, (row + 1) * size)];
      const clean = part(oracle.images);
      const length = Math.hypot(...part(perturbed).map((value, i) => value - clean[i]));
      const most = Math.hypot(...clean.map((value) => value - 0.5));
      expect(length / most).toBeGreaterThan(0.7);
      expect(length / most).toBeLessThan(1.0001);
    }
  },
);
