/** What a cell has to do with perturbed inputs that outlive their run (`reuse: examples`). */
export interface Examples {
  /** Broken samples whose perturbed inputs are kept: in the run folder or, of a baseline, in the file beside it. */
  kept?: number;
  /** Of a baseline: sha256 of the file beside it. */
  sha256?: string;
  /** The baseline whose examples were tried before the attack, and sha256 of the file. Outcomes say what came of it. */
  tried?: { baseline: string; sha256: string };
}
