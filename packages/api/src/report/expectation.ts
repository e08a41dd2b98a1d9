export interface Limit {
  min?: number;
  max?: number;
  /** Demand that the whole interval of this level is on the right side. */
  confidence?: number;
  /** That interval is one of a confidence sequence, which holds at whatever sample the cell ended (`gate: early`). */
  early?: true;
}

export interface Expectation extends Limit {
  /** Its name in the spec. */
  metric: string;
}

/** Where on a curve an attack is. */
export interface SweepPoint {
  /** Name of the attack in the spec, which all points share. */
  of: string;
  param: string;
  value: number;
}
