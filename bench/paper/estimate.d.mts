interface Cost {
  rate: string;
  amount: number;
}
export function ratesOf(records: readonly { cost: Cost; cpuSeconds: number }[]): Map<string, number>;
export function estimate(
  steps: readonly { cost: Cost }[],
  rates: ReadonlyMap<string, number>,
): { seconds: number; unknown: number };
