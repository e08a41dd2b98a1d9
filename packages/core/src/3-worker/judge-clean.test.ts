import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Goal } from '@gauntlet/api';
import { linearAutoencoder, linearOracle } from '@gauntlet/testing';
import { openEngine } from '../engines/open-engine.js';
import { judge, judgeClean } from './judge.js';

beforeAll(() => openEngine('tfjs:cpu'));

const indices = [7, 8, 9];
const minusOne: Goal = (rows) => ({ name: 'own', value: () => tf.fill([rows.length], -1) });

describe('judgeClean', () => {
  it('looks at a classifier for misclassification, which is the standard goal', async () => {
    const { victim, images: clean, labels } = linearOracle(3);
    const found = await judgeClean(victim, { indices, labels, clean }, undefined);
    expect(found).toMatchObject({ goalSource: 'standard', criterion: undefined });
    expect([...found.seen.prediction]).toEqual([...labels]);
    found.misclassified!.forEach((margin) => expect(margin).toBeGreaterThan(0));
    const { criterion } = await judge(victim, clean, { indices, labels, clean, ...found });
    expect([...criterion]).toEqual([...found.misclassified!]);
  });

  it('looks at what a targeted attack aims at as well', async () => {
    const { victim, images: clean, labels } = linearOracle(3);
    const targets = Int32Array.from(labels, (label) => 1 - label);
    const { misclassified, criterion } = await judgeClean(
      victim,
      { indices, labels, targets, clean },
      undefined,
    );
    misclassified!.forEach((margin, i) => expect(criterion![i]).toBeCloseTo(margin, 4));
    const there = await judgeClean(victim, { indices, labels, targets: labels, clean }, undefined);
    there.criterion!.forEach((value) => expect(value).toBeLessThan(0));
  });

  it('gives an autoencoder the goal to reconstruct no worse, which the clean input just meets', async () => {
    const { victim, images: clean } = linearAutoencoder(3);
    const found = await judgeClean(victim, { indices, clean }, undefined);
    expect(found.goalSource).toBe('standard');
    expect([found.misclassified, found.criterion]).toEqual([undefined, undefined]);
    const judged = await judge(victim, clean, { indices, clean, ...found });
    judged.criterion.forEach((value) => expect(value).toBeCloseTo(0, 5));
    const worse = clean.map((value) => value + (value > 0.5 ? 0.1 : -0.1));
    const { criterion } = await judge(victim, worse, { indices, clean, ...found });
    criterion.forEach((value) => expect(value).toBeGreaterThan(0));
  });

  it('takes the goal of the spec before the standard one', async () => {
    const classifier = linearOracle(3);
    const batch = { indices, labels: classifier.labels, clean: classifier.images };
    const found = await judgeClean(classifier.victim, batch, minusOne);
    expect(found).toMatchObject({ goalSource: 'spec', goal: minusOne });
    expect([...found.criterion!]).toEqual([-1, -1, -1]);
    expect(found.misclassified).toHaveLength(3);
    const { victim, images: clean } = linearAutoencoder(3);
    const of = await judgeClean(victim, { indices, clean }, minusOne);
    expect([...of.criterion!]).toEqual([-1, -1, -1]);
    expect(of.goal).toBe(minusOne);
  });
});
