import type { PaperOptions } from './options.mjs';

interface Remaining {
  steps: number;
  open: number;
  seconds: number;
  unknown: number;
}
export function remaining(
  options: PaperOptions,
  rates: ReadonlyMap<string, number>,
): Promise<Record<string, Remaining>>;
