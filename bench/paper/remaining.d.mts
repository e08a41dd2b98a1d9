import type { PaperOptions } from './options.mjs';

interface Remaining {
  steps: number;
  open: number;
  seconds: number;
  unknown: number;
}
export function planAtFullSize(options: PaperOptions): Promise<object>;
export function remaining(plan: object, rates: ReadonlyMap<string, number>): Record<string, Remaining>;
