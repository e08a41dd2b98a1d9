import { describe, expect, it } from 'vitest';
import { BatchRandom, Stream } from './streams.js';

const draw = (stream: Stream, n = 5) => Array.from({ length: n }, () => stream.uniform());

describe('Stream', () => {
  it('is the same for the same key and unrelated for another', () => {
    expect(draw(new Stream(1, 'pgd', 3, 'start'))).toEqual(draw(new Stream(1, 'pgd', 3, 'start')));
    for (const key of [
      [2, 'pgd', 3, 'start'],
      [1, 'fgsm', 3, 'start'],
      [1, 'pgd', 4, 'start'],
      [1, 'pgd', 3, 'noise'],
    ]) {
      expect(draw(new Stream(...key))).not.toEqual(draw(new Stream(1, 'pgd', 3, 'start')));
    }
  });

  it('is another for each of 200 000 keys', () => {
    // With 32 bits of state, five of these would be expected to be another's (n² / 2³³).
    const first = new Set<string>();
    for (let i = 0; i < 200_000; i++) {
      const stream = new Stream(7, 'pgd', i, 'start');
      first.add(`${stream.uniform()} ${stream.uniform()}`);
    }
    expect(first.size).toBe(200_000);
  });

  it('draws what it says', () => {
    const stream = new Stream('moments');
    const uniform = Array.from({ length: 20_000 }, () => stream.uniform(-2, 4));
    const normal = Array.from({ length: 20_000 }, () => stream.normal());
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(uniform)).toBeCloseTo(1, 1);
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...uniform)).toBeLessThan(4);
    expect(mean(normal)).toBeCloseTo(0, 1);
    expect(mean(normal.map((value) => value ** 2))).toBeCloseTo(1, 1);
    expect([...stream.permutation(10)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('BatchRandom', () => {
  it('gives a sample the same numbers in any batch', () => {
    const values = (indices: number[]) =>
      new BatchRandom(7, 'pgd', indices).streams('start').map((stream) => stream.uniform());
    const [a, b, c] = values([10, 20, 30]);
    expect(values([30, 10])).toEqual([c, a]);
    expect(values([20])).toEqual([b]);
  });

  it('has unrelated parts', () => {
    const random = new BatchRandom(7, 'pgd', [1]);
    const first = (part: string) => random.part(part).streams('start')[0].uniform();
    expect(first('restart-0')).not.toBe(first('restart-1'));
  });
});
