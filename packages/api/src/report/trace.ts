/** One sample on its way through an attack: a point for each look at the victim, thinned out evenly. */
export interface Trace {
  index: number;
  /** Spent so far: gradient evaluations, and forward passes. */
  gradients: number[];
  forwards: number[];
  /** The criterion of the attack's goal: met where ≤ 0. */
  criterion: number[];
  /** The referee's measure of I(x, x+δ) in nats, where there is one. */
  mi?: number[];
}
