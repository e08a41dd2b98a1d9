import assert from 'node:assert/strict';
import { type MetricPlugin, type Outcome, unassessed } from '@gauntlet/api';
import { checkAgainst, computeMetric } from '@gauntlet/core';
import type { ConformanceCase } from './conformance-row.js';

export interface MetricConformanceRow {
  metric: MetricPlugin;
  /** Options; defaults are filled in. */
  params?: Record<string, unknown>;
}

const spent = { forwards: 10, gradients: 5, zeroGradients: 0, seconds: 0.1 };

/** Two kinds at five severities, of which the last goes wrong where the sample is broken. */
const corruptedOf = (label: number, broken: boolean): Outcome['corrupted'] =>
  Object.fromEntries(
    ['fog', 'snow'].map((kind) => [
      kind,
      { 1: label, 2: label, 3: label, 4: label, 5: broken ? label + 1 : label },
    ]),
  );

/** One outcome of a classifier: every third is broken, every seventh was misclassified before. */
function ofClassifier(index: number): Outcome {
  const label = index % 4;
  if (index % 7 === 6) return { index, status: 'skipped', label, cleanPrediction: label + 1 };
  const broken = index % 3 === 0;
  return {
    index,
    status: broken ? 'broken' : 'held',
    label,
    cleanPrediction: label,
    prediction: broken ? label + 1 : label,
    cleanConfidence: 0.9,
    confidence: 0.5 + index / 100,
    cleanLoss: 0.1,
    loss: 0.7,
    brokenRounded: broken,
    linf: 0.1,
    l2: 1 + index / 10,
    ...(broken && { minimalNorm: 1 + index / 10 }),
    l1: 5,
    l0: 100 + index,
    snr: 20 + index,
    corrupted: corruptedOf(label, broken),
    mi: 4 + index / 10,
    ssim: 0.6 + index / 100,
    miSelf: 8,
    miOwn: 3,
    ...spent,
  };
}

/** Of a multi-label victim with four labels: every third sample loses one, every seventh was wrong before. */
function ofLabels(index: number): Outcome {
  const labels = [index % 4];
  if (index % 7 === 6) return { index, status: 'skipped', labels, cleanPredictions: [], cleanHamming: 0.25 };
  const broken = index % 3 === 0;
  return {
    index,
    status: broken ? 'broken' : 'held',
    labels,
    cleanPredictions: labels,
    predictions: broken ? [] : labels,
    cleanHamming: 0,
    hamming: broken ? 0.25 : 0,
    criterion: broken ? -0.2 : 1,
    cleanLoss: 0.1,
    loss: 0.7,
    linf: 0.1,
    l2: 1 + index / 10,
    ...spent,
  };
}

const ofAutoencoder = (index: number): Outcome => ({
  index,
  status: index % 2 === 0 ? 'broken' : 'held',
  cleanLoss: 2,
  loss: 1.5,
  cleanReconstructionError: 0.01 + index / 1000,
  reconstructionError: 0.02 + index / 1000,
  linf: 0.1,
  l2: 1,
  ...spent,
});

const ofEncoder = (index: number): Outcome => ({
  index,
  status: index % 2 === 0 ? 'broken' : 'held',
  criterion: index % 2 === 0 ? -0.1 : 0.1,
  embeddingDistance: 0.1 + index / 100,
  linf: 0.1,
  l2: 1,
  ...spent,
});

/** Outcomes of a cell, frozen: one image after the other, and one that nothing can be said of. */
const cellOf = (one: (index: number) => Outcome) =>
  [...Array.from({ length: 20 }, (_, index) => one(index)), unassessed(20, 'out of memory')].map((outcome) =>
    Object.freeze(outcome),
  );

/**
 * The tests that every metric has to pass, for any test runner:
 * `for (const { name, run } of metricConformance(row)) it(name, run)`.
 */
export function metricConformance({ metric, params = {} }: MetricConformanceRow): ConformanceCase[] {
  type Measure = (outcomes: readonly Outcome[]) => ReturnType<typeof computeMetric>;
  const test = (name: string, run: (measure: Measure) => void) => ({
    name: `${metric.name}: ${name}`,
    run: async () => {
      const options = structuredClone(params);
      assert.deepEqual(checkAgainst(metric.params, options), [], 'the parameters are not valid');
      const measures = new Map([[metric.name, (all: readonly Outcome[]) => metric.measure(all, options)]]);
      run((outcomes) => computeMetric(measures, metric.name, Object.freeze(outcomes)));
    },
  });
  const cells = {
    classifier: cellOf(ofClassifier),
    multiLabel: cellOf(ofLabels),
    autoencoder: cellOf(ofAutoencoder),
    encoder: cellOf(ofEncoder),
  };
  return [
    test('finds evidence for one kind of victim at least, and takes the others', (measure) => {
      const found = Object.values(cells).map((outcomes) => measure(outcomes).n);
      assert.ok(Math.max(...found) > 0, 'it found no evidence in the outcomes of any kind of victim');
    }),
    test('takes nothing for evidence where there is none', (measure) => {
      assert.equal(measure([]).n, 0, 'without outcomes');
      assert.equal(measure([unassessed(0, 'out of memory')]).n, 0, 'where all are unassessed');
    }),
    test('counts no sample that nothing can be said of', (measure) => {
      for (const [kind, outcomes] of Object.entries(cells)) {
        const assessed = outcomes.filter(({ status }) => status !== 'unassessed');
        assert.deepEqual(measure(outcomes), measure(assessed), kind);
      }
    }),
    test('gives the same again, and in whatever order the outcomes come', (measure) => {
      for (const [kind, outcomes] of Object.entries(cells)) {
        const [first, again, turned] = [outcomes, outcomes, [...outcomes].reverse()].map(measure);
        assert.deepEqual(again, first, kind);
        assert.equal(turned.n, first.n, kind);
        const difference = Math.abs((turned.value ?? 0) - (first.value ?? 0));
        assert.ok(
          difference <= 1e-9 * Math.abs(first.value ?? 0),
          `${kind}: ${turned.value}, ${first.value}`,
        );
      }
    }),
  ];
}
