import * as tf from '@tensorflow/tfjs-core';
import { loadPlugin } from '@gauntlet/core';
import { victimConformance } from '@gauntlet/testing';
import { describe, expect, it } from 'vitest';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineVictim, stopGradient } from '@gauntlet/api';
import { repository } from '../support/cli.js';

const file = path.join(repository, 'examples/plugins/victim/centroids.mjs');
const centroids = await loadPlugin('victim', { url: pathToFileURL(file).href });

const victim = (name: string, forward: (x: tf.Tensor) => tf.Tensor) =>
  defineVictim({
    name,
    version: 1,
    description: 'Sums of rows of the image, spoilt',
    params: { type: 'object', additionalProperties: false, properties: {} },
    open: () => ({ hash: name, forward: (x) => forward(tf.sum(x, [2, 3])) }),
  });

async function failures(plugin: ReturnType<typeof victim>): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of victimConformance({ victim: plugin }))
    await run().catch(() => failed.push(name));
  return failed;
}

describe('victims', () => {
  for (const { name, run } of victimConformance({ victim: centroids })) it(name, run);

  it('fails a victim that looks at the whole batch', async () => {
    const failed = await failures(victim('batch', (rows) => tf.sub(rows, tf.mean(rows, 0))));
    expect(failed).toEqual(['batch: does not depend on the other images of the batch, nor on their order']);
  });

  it('fails a victim whose gradient is not its own', async () => {
    const failed = await failures(victim('stopped', (rows) => tf.mul(rows, stopGradient(rows))));
    expect(failed).toEqual(['stopped: has the gradient that differences of forward show']);
  });
});
