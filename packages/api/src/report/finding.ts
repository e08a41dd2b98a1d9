/** Findings after which nothing was measured: no spec can accept them. */
export const voidFindings = ['no-samples', 'attack-defect', 'unassessed'] as const;

/** Findings of weak evidence, in the order in which they are looked for. A spec may accept them (`strict`). */
export const weakFindings = [
  // of the setting
  'epsilon-tiny',
  'epsilon-unit',
  'short-steps',
  'vacuous-expectation',
  'straddles-limit',
  'near-chance',
  'below-card',
  'one-class',
  'unused-bounds',
  // of the victim
  'not-examined',
  'not-deterministic',
  'depends-on-batch',
  'collapsed',
  'double-softmax',
  'saturated',
  'hard-labels',
  'gradient-not-finite',
  'shattered-gradient',
  'zero-gradients',
  'stepped-input',
  'estimated-alone',
  'straight-through-alone',
  // of the attack on this victim
  'unchanged-input',
  'unused-epsilon',
  'forgotten-success',
  'no-progress',
  'plateau',
  'still-rising',
  'restarts-disagree',
  'holds-unbounded',
  'weaker-is-stronger',
  'falls-with-epsilon',
] as const;

export type VoidFinding = (typeof voidFindings)[number];
export type WeakFinding = (typeof weakFindings)[number];

/** A reason not to trust a cell's numbers. docs/concepts/verdicts.md says of each what it is and what to do. */
export interface Finding {
  code: VoidFinding | WeakFinding;
  /** `inconclusive`: it takes away a pass of the cell. `warning`: the verdict is as it would be without it. */
  severity: 'inconclusive' | 'warning';
  /** It would make the cell inconclusive, and the spec accepts it. */
  accepted?: true;
  /** What was seen, and what to do. */
  message: string;
  /** Indices of the samples concerned. */
  samples: number[];
}

/** Whether weak evidence stops a build: all of it, none, or all except findings of these names. */
export type Strict = boolean | { except: WeakFinding[] };
