export interface Described {
  n: number;
  mean?: number;
  std?: number;
  interval?: [number, number];
}
export function describe(values: readonly number[]): Described;
export function pool(parts: readonly Described[]): Described;
export function share(
  k: number,
  n: number,
): { k: number; n: number; share?: number; interval?: [number, number] };
