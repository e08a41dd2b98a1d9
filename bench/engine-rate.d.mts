/**
 * How fast an attack is: images times steps a second.
 * @param task `pgd`, or MinMax with this similarity
 * @param n Images at a time
 */
export function rateOf(model: string, engine: string, task: string, n: number): Promise<number>;
