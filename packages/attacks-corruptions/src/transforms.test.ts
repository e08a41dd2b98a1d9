import { describe, expect, it } from 'vitest';
import { plane } from './picture.js';
import { gridOf, gridSize, identity, transformName } from './transform-grid.js';
import { transformed } from './transforms.js';

const side = 4;
const picture = plane(side, side, (y, x) => (1 + y * side + x) / 20);
const rows = (transform: Partial<typeof identity>, fill: 'low' | 'edge' = 'low') => {
  const { values } = transformed(picture, { ...identity, ...transform }, fill);
  return Array.from({ length: side }, (_, y) =>
    Array.from({ length: side }, (_, x) => Number((20 * values[y * side + x]!).toFixed(6))),
  );
};

describe('a transform', () => {
  it('rotates clockwise, by right angles onto pixels', () => {
    const turned = Array.from({ length: side }, (_, y) =>
      Array.from({ length: side }, (_, x) => 1 + (side - 1 - x) * side + y),
    );
    expect(rows({ rotation: 90 })).toEqual(turned);
    expect(rows({ rotation: 180 })[0]).toEqual([16, 15, 14, 13]);
  });

  it('shifts by whole pixels, with black or the edge coming in', () => {
    expect(rows({ across: 0.25 })[0]).toEqual([0, 1, 2, 3]);
    expect(rows({ down: -0.5 }, 'edge')).toEqual([
      [9, 10, 11, 12],
      [13, 14, 15, 16],
      [13, 14, 15, 16],
      [13, 14, 15, 16],
    ]);
  });

  it('halves steps where it magnifies twice, and keeps the middle', () => {
    const [, second] = rows({ scale: 1 }, 'edge');
    expect(second![2]! - second![1]!).toBeCloseTo(0.5);
    expect((second![1]! + second![2]!) / 2 + 1).toBeCloseTo(8.5);
  });

  it('changes brightness and contrast around the mean', () => {
    expect(rows({ brightness: 0.1 })[0]).toEqual([3, 4, 5, 6]);
    expect(rows({ contrast: -0.5 })[0]![0]).toBeCloseTo(8.5 - 7.5 / 2);
  });
});

describe('a grid', () => {
  const ranges = { rotation: 30, translation: 0.1, scale: 0, brightness: 0, contrast: 0 };

  it('has all points of the axes that have a range, from the identity outwards', () => {
    const grid = gridOf(ranges, 5);
    expect(grid).toHaveLength(gridSize(ranges, 5));
    expect(new Set(grid.map(transformName)).size).toBe(125);
    expect(transformName(grid[0]!)).toBe('none');
    expect(transformName({ ...identity, rotation: 15, across: -0.1 })).toBe('rotation 15 + across -0.1');
    expect(grid.at(-1)).toMatchObject({ rotation: 30, down: 0.1, across: 0.1 });
  });
});
