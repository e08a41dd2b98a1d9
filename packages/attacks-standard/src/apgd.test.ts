import { describe, expect, it } from 'vitest';
import { norms } from '@gauntlet/api';
import { add, apart, directionOf, inside, sub } from './by-hand.test-support.js';
import { apgd } from './apgd.js';
import { apgdT } from './apgd-t.js';
import { attacked, never, Prototypes, randomOf, shape, onCpu } from './prototypes.test-support.js';

onCpu();
const on = new Prototypes(4);

type Norm = 'linf' | 'l2';
interface Way {
  norm: Norm;
  clean: readonly number[];
  epsilon: number;
  steps: number;
  rho: number;
  loss: (x: readonly number[]) => { value: number; slope: number[] };
}

/** Algorithm 1 from a start; also how often it was sent back to its best point. */
function climb(first: readonly number[], { norm, clean, epsilon, steps, rho, loss }: Way) {
  const marks = [0.22, 0.41, 0.57, 0.7, 0.8, 0.87, 0.93, 0.99].map((p) => Math.ceil(p * steps - 1e-9));
  const project = (x: readonly number[]) => inside(norm, clean, x, epsilon);
  const points = [[...first]];
  let [now, before] = [[...first], [...first]];
  let [top, largest, last] = [now, -Infinity, NaN];
  let [eta, rises, mark, backs] = [2 * epsilon, 0, 0, 0];
  let then = { largest: -Infinity, halved: true };
  for (let k = 0; k < steps; k++) {
    const { value } = loss(now);
    if (value > last) rises++;
    if (value > largest) [top, largest] = [now, value];
    last = value;
    if (marks.includes(k)) {
      const halved = rises < rho * (k - mark) || (!then.halved && then.largest === largest);
      if (halved) {
        [eta, now, last] = [eta / 2, top, largest];
        backs++;
      }
      then = { largest, halved };
      [rises, mark] = [0, k];
    }
    const z = project(add(now, directionOf[norm](loss(now).slope), eta));
    const alpha = k === 0 ? 1 : 0.75;
    const next = project(add(add(now, sub(z, now), alpha), sub(now, before), 1 - alpha));
    [before, now] = [now, next];
    points.push(next);
  }
  return { points, backs };
}

describe.each(['linf', 'l2'] as const)('a run of APGD (%s)', (norm) => {
  it('is algorithm 1: momentum, and half the step from the best point where it does not serve', async () => {
    const backs = new Set<number>();
    for (const [rho, rows] of [
      [0.75, [0, 1, 2, 3]],
      [0.3, [3, 2, 1, 0]],
    ] as const) {
      const asked = { norm, epsilon: 0.5, steps: 14, rho };
      const { passes } = await attacked(on, apgd, asked, { rows: [...rows], goal: never });
      expect(passes.map(({ gradient }) => gradient)).toEqual([...Array<boolean>(14).fill(true), false]);
      for (const [i, row] of rows.entries()) {
        const clean = on.images[row];
        const points = passes.map(({ x }) => x[i]);
        const loss = (x: readonly number[]) => on.crossEntropy(x, on.labels[row]);
        const expected = climb(points[0], { ...asked, clean, loss });
        expect(apart(points, expected.points)).toBeLessThan(1e-3);
        backs.add(expected.backs);
      }
    }
    // Some go on while others are sent back.
    expect(backs.size).toBeGreaterThan(2);
  });

  it('begins at a random point of the ball, which is another one for each restart', async () => {
    const asked = { norm, epsilon: 0.5, steps: 1, restarts: 2 };
    const { passes } = await attacked(on, apgd, asked, { rows: [2], goal: never });
    expect(passes).toHaveLength(4);
    const starts = [0, 1].map((restart) => {
      const random = randomOf(apgd, [2]).part(`restart-${restart}`);
      const delta = [...norms[norm].randomStart(random, shape, 0.5).dataSync()];
      return inside(norm, on.images[2], add(on.images[2], delta), 0.5);
    });
    expect(apart([passes[0].x[0], passes[2].x[0]], starts)).toBeLessThan(1e-6);
  });
});

describe.each([apgd, apgdT])('$name', (attack) => {
  it('does to a sample what it does to it alone, whichever leave the batch', async () => {
    const asked = { epsilon: 0.2, steps: 8, ...(attack === apgd ? { restarts: 2 } : { targets: 2 }) };
    const all = await attacked(on, attack, asked);
    expect(new Set(all.passes.map(({ x }) => x.length)).size).toBeGreaterThan(2);
    for (const row of on.images.keys()) {
      const alone = await attacked(on, attack, asked, { rows: [row] });
      expect(apart([all.perturbed[row]], alone.perturbed)).toBeLessThan(1e-6);
      expect(all.forwards[row]).toBe(alone.forwards[0]);
    }
  });

  it('ends when all samples have succeeded, and leaves no tensor behind', async () => {
    for (const epsilon of [0.01, 0.2, 3])
      expect((await attacked(on, attack, { epsilon, steps: 6 })).left).toBe(0);
    const { perturbed, passes } = await attacked(on, attack, { epsilon: 3 });
    expect(passes.length).toBeLessThan(20);
    perturbed.forEach((x, row) => expect(on.criterion(x, on.labels[row])).toBeLessThanOrEqual(0));
  });

  it('says what it is: a gradient attack within its ball, whose results are examples', () => {
    expect(attack.usesGradients).toBe(true);
    expect(attack.takesExamples!({})).toBe(true);
    const threat = { norm: 'l2', epsilon: 0.3 };
    expect(attack.threat({ ...threat, target: 2 })).toEqual(
      attack === apgd ? { ...threat, target: 2 } : threat,
    );
  });
});

it('APGD shares a budget among its restarts, APGD-T among its targets after a look at the classes', () => {
  expect(apgd.within!({ restarts: 2, steps: 9, rho: 1 }, { gradients: 10 })).toEqual({
    restarts: 1,
    steps: 10,
    rho: 1,
  });
  expect(apgdT.within!({ targets: 9, steps: 100 }, { gradients: 90 })).toEqual({ targets: 9, steps: 10 });
  expect(apgdT.within!({ targets: 9, steps: 100 }, { forwards: 9 * 11 + 1 })).toEqual({
    targets: 9,
    steps: 10,
  });
  expect(apgdT.within!({ targets: 9, steps: 100 }, { forwards: 9 * 11 })).toEqual({ targets: 9, steps: 9 });
  expect(apgdT.within!({ targets: 9, steps: 100 }, { gradients: 4 })).toEqual({ targets: 4, steps: 1 });
});

describe('APGD', () => {
  it('ascends what the spec names, towards a target if there is one, and refuses a ratio of too few classes', async () => {
    const targets = on.labels.map((label) => (label + 1) % 4);
    const { passes } = await attacked(
      on,
      apgd,
      { epsilon: 0.4, steps: 1, loss: 'goal' },
      { rows: [0], targets, goal: never },
    );
    const [from, to] = passes.map(({ x }) => x[0]);
    const { k } = on.rival(from, targets[0]);
    const step = inside(
      'linf',
      on.images[0],
      add(from, directionOf.linf(on.between(from, targets[0], k)), 0.8),
      0.4,
    );
    expect(apart([to], [step])).toBeLessThan(1e-5);
    expect(apgd.goals).toBe('any');
    await expect(attacked(new Prototypes(1, 2), apgd, { epsilon: 0.1, loss: 'dlr' })).rejects.toThrow(
      'needs 3 classes',
    );
    const three = new Prototypes(1, 3);
    await expect(attacked(three, apgd, { epsilon: 0.1, loss: 'dlr' }, { targets: [0] })).rejects.toThrow(
      'needs 4 classes',
    );
  });

  it('takes the goal for its loss without computing it once more', async () => {
    const { perturbed } = await attacked(on, apgd, { epsilon: 0.9, loss: 'goal', steps: 20 });
    perturbed.forEach((x, row) => expect(on.criterion(x, on.labels[row])).toBeLessThanOrEqual(0));
  });
});

describe('APGD-T', () => {
  /** A class's ratio of equation 7, or the margin, and its gradient. */
  const ratio = (x: readonly number[], label: number, target: number, loss: string) => {
    const z = on.logits(x);
    const margin = on.between(x, target, label);
    if (loss === 'margin') return margin;
    const order = [...z.keys()].sort((a, b) => z[b] - z[a]);
    const below = z[order[0]] - (z[order[2]] + z[order[3]]) / 2;
    const weights = z.map((_, k) => (k === order[0] ? 1 : k === order[1] ? 0 : -0.5));
    const value = (z[target] - z[label]) / below;
    return add(margin, on.slope(x, weights), -value).map((one) => one / below);
  };

  it.each(['auto', 'dlr', 'margin'])(
    'goes towards one class after the other, the nearest first, and begins anew (%s)',
    async (loss) => {
      const row = 1;
      const label = on.labels[row];
      const asked = { epsilon: 0.3, steps: 1, targets: 4, loss, norm: 'l2' };
      const { passes } = await attacked(on, apgdT, asked, { rows: [row], goal: never });
      // Two for each target, after the look at the clean image.
      expect(passes).toHaveLength(1 + 2 * 4);
      expect(passes[0]).toMatchObject({ gradient: false, x: [on.images[row]] });
      const z = on.logits(on.images[row]);
      const order = [0, 1, 2, 3].filter((k) => k !== label).sort((a, b) => z[b] - z[a]);
      for (const [run, target] of [...order, order[0]].entries()) {
        const [[from], [to]] = [passes[1 + 2 * run].x, passes[2 + 2 * run].x];
        const slope = ratio(from, label, target, loss);
        const expected = inside('l2', on.images[row], add(from, directionOf.l2(slope), 0.6), 0.3);
        expect(apart([to], [expected])).toBeLessThan(1e-5);
        const random = randomOf(apgdT, [row]).part(`target-${run}`);
        const start = [...norms.l2.randomStart(random, shape, 0.3).dataSync()];
        expect(apart([from], [inside('l2', on.images[row], add(on.images[row], start), 0.3)])).toBeLessThan(
          1e-6,
        );
      }
    },
  );

  it('has the goal say what succeeds, and not that a class is reached', async () => {
    const asked = { epsilon: 3, steps: 8, targets: 1, loss: 'margin' };
    const { passes } = await attacked(on, apgdT, asked, { rows: [0], goal: never });
    expect(passes).toHaveLength(1 + 9);
    expect(passes.some(({ x }) => on.criterion(x[0], on.labels[0]) <= 0)).toBe(true);
  });

  it('takes the margin for less than four classes, whose ratio there is not', async () => {
    const three = new Prototypes(2, 3);
    const asked = { epsilon: 3, steps: 10 };
    const { perturbed } = await attacked(three, apgdT, asked);
    perturbed.forEach((x, row) => expect(three.criterion(x, three.labels[row])).toBeLessThanOrEqual(0));
    await expect(attacked(three, apgdT, { ...asked, loss: 'dlr' })).rejects.toThrow('needs 4 classes');
    expect(apgdT.goals).toBe('standard');
  });
});
