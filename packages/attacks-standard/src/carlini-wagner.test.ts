import { describe, expect, it } from 'vitest';
import { add, apart, lengthOf, sub } from './by-hand.test-support.js';
import { carliniWagner } from './carlini-wagner.js';
import { attacked, bounds, Prototypes, onCpu } from './prototypes.test-support.js';

onCpu();
const on = new Prototypes(3);

const asked = { searches: 4, steps: 24, stepSize: 0.03, initialConstant: 0.05, kappa: 0 };
const [middle, half] = [(bounds[0] + bounds[1]) / 2, (bounds[1] - bounds[0]) / 2];

/** Every point of the search for one image, run by run, and the length of the shortest success. */
function search(row: number, { searches, steps, stepSize, initialConstant, kappa }: typeof asked) {
  const [clean, label] = [on.images[row], on.labels[row]];
  let [c, lower, upper, shortest] = [initialConstant, 0, Infinity, Infinity];
  const runs: number[][][] = [];
  const tried: number[] = [];
  for (let round = 0; round < searches; round++) {
    tried.push(c);
    const points: number[][] = [];
    let w = clean.map((value) => Math.atanh((0.999999 * (value - middle)) / half));
    let [mean, square] = [clean.map(() => 0), clean.map(() => 0)];
    let met = false;
    let before = Infinity;
    for (let k = 0; k < steps; k++) {
      const x = w.map((value) => middle + half * Math.tanh(value));
      points.push(x);
      const delta = sub(x, clean);
      const f = on.criterion(x, label) + kappa;
      if (f <= 0) [met, shortest] = [true, Math.min(shortest, lengthOf.l2(delta))];
      const loss = lengthOf.l2(delta) ** 2 + c * Math.max(f, 0);
      // A run is looked at ten times, and not before Adam has taken ten steps.
      if (k > 0 && k % Math.max(10, Math.ceil(steps / 10)) === 0) {
        if (loss > 0.9999 * before) break;
        before = loss;
      }
      const up = on.between(x, label, on.rival(x, label).k);
      const slope = add(
        delta.map((one) => 2 * one),
        up,
        f > 0 ? c : 0,
      );
      const g = slope.map((one, i) => one * half * (1 - Math.tanh(w[i]) ** 2));
      mean = mean.map((one, i) => 0.9 * one + 0.1 * g[i]);
      square = square.map((one, i) => 0.999 * one + 0.001 * g[i] ** 2);
      const t = k + 1;
      w = w.map(
        (one, i) =>
          one - (stepSize * (mean[i] / (1 - 0.9 ** t))) / (Math.sqrt(square[i] / (1 - 0.999 ** t)) + 1e-8),
      );
    }
    runs.push(points);
    if (met) upper = Math.min(upper, c);
    else lower = Math.max(lower, c);
    c = upper === Infinity ? 10 * c : (lower + upper) / 2;
  }
  return { runs, tried, shortest };
}

describe('the attack of Carlini and Wagner', () => {
  const settings = [
    asked,
    { ...asked, kappa: 0.4, initialConstant: 3 },
    { ...asked, steps: 110, searches: 1, stepSize: 0.01, initialConstant: 1 },
    // Of so small a penalty the first steps raise the loss: a look at the start would end the run.
    { ...asked, searches: 1, initialConstant: 1e-3 },
  ];

  it.each(settings)('is Adam on tanh w, and a search for c (%j)', async (params) => {
    const { passes, perturbed } = await attacked(on, carliniWagner, params);
    expect(passes.every(({ gradient }) => gradient)).toBe(true);
    expect(passes.every(({ rows }) => rows.length > 0)).toBe(true);
    for (const row of on.images.keys()) {
      const { runs, shortest } = search(row, params);
      const points = passes.flatMap(({ rows, x }) => (rows.includes(row) ? [x[rows.indexOf(row)]] : []));
      expect(apart(points, runs.flat())).toBeLessThan(2e-3);
      if (shortest < Infinity)
        expect(lengthOf.l2(sub(perturbed[row], on.images[row]))).toBeCloseTo(shortest, 3);
    }
  });

  it('has cases here of each kind: success and failure, c tenfold and halved, runs that end early', () => {
    const found = [...on.images.keys()].flatMap((row) => settings.slice(0, 2).map((one) => search(row, one)));
    expect(found.some(({ tried }) => tried[1] > 9 * tried[0])).toBe(true);
    expect(found.some(({ tried }) => tried.some((c, i) => i > 0 && c < tried[i - 1]))).toBe(true);
    expect(found.some(({ runs }) => runs.some((points) => points.length < asked.steps))).toBe(true);
    const [points] = search(0, settings[3]).runs;
    const loss = (x: number[]) =>
      lengthOf.l2(sub(x, on.images[0])) ** 2 + 1e-3 * Math.max(0, on.criterion(x, on.labels[0]));
    expect(points).toHaveLength(24);
    expect(loss(points[10])).toBeGreaterThan(loss(points[0]));
  });

  it('does to each sample what it does to it alone, and leaves no tensor behind', async () => {
    const all = await attacked(on, carliniWagner, { ...asked, searches: 2, steps: 12 });
    expect(all.left).toBe(0);
    for (const row of on.images.keys()) {
      const alone = await attacked(on, carliniWagner, { ...asked, searches: 2, steps: 12 }, { rows: [row] });
      expect(apart([all.perturbed[row]], alone.perturbed)).toBeLessThan(1e-5);
      expect(all.forwards[row]).toBe(alone.forwards[0]);
    }
  });

  it('says what it is, and shares a budget among its searches', () => {
    expect([carliniWagner.usesGradients, carliniWagner.goals]).toEqual([true, 'any']);
    expect(carliniWagner.shortest!({})).toBe('l2');
    expect(carliniWagner.threat({ epsilon: 2, target: 1 })).toEqual({ norm: 'l2', epsilon: 2, target: 1 });
    expect(carliniWagner.within!({ searches: 9, steps: 100, kappa: 1 }, { gradients: 400 })).toEqual({
      searches: 4,
      steps: 100,
      kappa: 1,
    });
  });
});
