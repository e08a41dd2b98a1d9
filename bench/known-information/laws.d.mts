export interface Task {
  id: string;
  dimension: number;
  law: string;
  transform: string | null;
  /** I in nats. */
  information: number;
}
export interface Drawn<A> {
  u: A;
  v: A;
}
export function drawTask(
  task: Task,
  count: number,
  stream: { normal(): number; uniform(low?: number, high?: number): number },
): Drawn<Float32Array>;
export function waves(count: number, dimension: number, share: number): Drawn<Float64Array>;
