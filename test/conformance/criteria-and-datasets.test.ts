import * as tf from '@tensorflow/tfjs-core';
import { loadPlugin } from '@gauntlet/core';
import { contrastive, nearestOther, viewSimilarity } from '@gauntlet/attacks-uae';
import { criterionConformance, datasetConformance } from '@gauntlet/testing';
import labelCriteria from '@gauntlet/core/criteria';
import zoo from '@gauntlet/zoo';
import { describe, expect, it } from 'vitest';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineCriterion, defineDataset, misclassified } from '@gauntlet/api';
import { repository } from '../support/cli.js';

const example = (file: string) => ({ url: pathToFileURL(path.join(repository, 'examples', file)).href });
const groups = [0, 1, 0, 1];
const otherGroup = await loadPlugin('criterion', example('plugins/criterion/other-group.mjs'));
const twoViews = await loadPlugin('criterion', example('criterion/two-views.mjs'));
const bars = await loadPlugin('dataset', example('plugins/dataset/bars.mjs'));

describe('criteria', () => {
  const rows = [
    { criterion: otherGroup, params: { groups } },
    { criterion: twoViews, victim: 'autoencoder' as const },
    { criterion: labelCriteria[0] },
    { criterion: labelCriteria[1], params: { labels: 2 } },
    { criterion: contrastive, params: { references: 3, shift: 1 } },
    { criterion: viewSimilarity },
    { criterion: nearestOther },
  ];
  for (const row of rows) for (const { name, run } of criterionConformance(row)) it(name, run);

  it('fails a criterion that looks at the whole batch', async () => {
    const criterion = defineCriterion({
      name: 'rank',
      version: 1,
      victim: 'classifier',
      description: 'the margin, less the largest of the batch',
      params: { type: 'object', additionalProperties: false, properties: {} },
      open:
        ({ labels }) =>
        (rows) => {
          const margin = misclassified(Int32Array.from(rows, (row) => labels[row]));
          return {
            name: 'rank',
            value: (outputs) =>
              tf.sub(margin.value(outputs as never), tf.max(margin.value(outputs as never))),
          };
        },
    });
    const failed: string[] = [];
    for (const { name, run } of criterionConformance({ criterion }))
      await run().catch(() => failed.push(name));
    expect(failed).toEqual(['rank: does not depend on the other samples of the batch, nor on their order']);
  });
});

describe('datasets', () => {
  for (const { name, run } of datasetConformance({ dataset: bars })) it(name, run);
  for (const { name, run } of datasetConformance({ dataset: zoo[0], params: { count: 40 } })) it(name, run);

  it('fails a dataset that draws anew each time', async () => {
    const dataset = defineDataset({
      name: 'new',
      version: 1,
      description: 'noise',
      params: { type: 'object', additionalProperties: false, properties: {} },
      load: () => ({
        count: 3,
        shape: [1, 2, 1],
        pixels: () => Float32Array.of(Math.random(), Math.random()),
      }),
    });
    const failed: string[] = [];
    for (const { name, run } of datasetConformance({ dataset })) await run().catch(() => failed.push(name));
    expect(failed).toEqual(['new: gives the same images whenever and in whatever order it is asked']);
  });
});
