import { scaleLinear, scaleLog } from 'd3-scale';
import { inner } from './area.js';

/** What plots ask of a scale. */
export interface ScaleContinuousNumericLike {
  (value: number): number;
  ticks(count?: number): number[];
}

/** From left to right; logarithmic where the values span more than a factor of thirty. */
export function horizontal(values: readonly number[], log?: boolean): ScaleContinuousNumericLike {
  const [low, high] = extent(values);
  const range: [number, number] = [inner.left + 6, inner.right - 8];
  if (log ?? (low > 0 && high / low > 30)) {
    const scale = scaleLog([low, high === low ? low * 10 : high], range);
    return thinned(scale, () => scale.ticks(5).filter((value) => Number.isInteger(Math.log10(value))));
  }
  return low === high ? scaleLinear([low - 1, high + 1], range) : scaleLinear([low, high], range);
}

/** From the bottom up, over all values and with room above them. */
export function vertical(values: readonly number[], from?: number, to?: number): ScaleContinuousNumericLike {
  const [low, high] = extent(values);
  const bottom = from ?? (low === high ? low - 1 : low);
  const top = to ?? (high > bottom ? high : bottom + 1);
  const scale = scaleLinear([bottom, top], [inner.bottom, inner.top]);
  return to === undefined ? scale.nice(4) : scale;
}

function thinned(scale: ScaleContinuousNumericLike, few: () => number[]): ScaleContinuousNumericLike {
  return Object.assign((value: number) => scale(value), {
    ticks: () => (few().length >= 2 ? few() : scale.ticks(3)),
  });
}

function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 1];
}
