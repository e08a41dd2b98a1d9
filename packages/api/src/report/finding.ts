/** A reason not to trust a cell's numbers. One is enough to make the cell inconclusive. */
export interface Finding {
  code: 'attack-defect' | 'unassessed' | 'zero-gradients' | 'no-samples';
  message: string;
  /** Indices of the samples concerned. */
  samples: number[];
}
