/** Why a returned sample cannot count: the attack broke its own threat model. */
export interface Defect {
  kind:
    'not-finite' | 'outside-box' | 'outside-epsilon' | 'outside-family' | 'outside-features' | 'wrong-shape';
  /** By how much, in input units (number of values for `not-finite`; for `outside-family` the largest difference to an image of it). */
  amount: number;
}

/** The smallest value of the criterion so far: at the first look, at a late one, at the last. */
export interface Progress {
  /** How often the victim was asked. */
  looks: number;
  start: number;
  late: number;
  /** How many looks came after `late`. */
  lateLooks: number;
  end: number;
}

/** What the referee found for one sample. Numbers that do not apply are absent. */
export interface Outcome {
  /** Index in the whole dataset. */
  index: number;
  /**
   * `broken`: the goal is met; `held`: it is not; `skipped`: the goal was met before the attack (misclassified,
   * or already the target class); `unassessed`: nothing can be said, see `reason`.
   */
  status: 'broken' | 'held' | 'skipped' | 'unassessed';
  reason?: string;
  defect?: Defect;
  label?: number;
  target?: number;
  cleanPrediction?: number;
  prediction?: number;
  /** Of a multi-label victim, in ascending order: the labels that are true, and those that it says are, before and under attack. */
  labels?: number[];
  cleanPredictions?: number[];
  predictions?: number[];
  /** Hamming loss: the share of the labels that it is wrong about, before and under attack. */
  cleanHamming?: number;
  hamming?: number;
  /** Softmax probability of the predicted class (of a multi-label victim: of all decisions together), before and under attack. */
  cleanConfidence?: number;
  confidence?: number;
  /** Cross-entropy of the label or the label set (classifier) or squared reconstruction error (autoencoder), before and under attack. */
  cleanLoss?: number;
  loss?: number;
  /** Mean over the values of an input of (clean input − reconstruction)², before and under attack. */
  cleanReconstructionError?: number;
  reconstructionError?: number;
  /** Cosine distance (0 to 2) of an encoder's embedding of the perturbed input to that of the clean input. */
  embeddingDistance?: number;
  /** Value of the criterion, for a goal that the spec sets; met where ≤ 0. */
  criterion?: number;
  /** Of a victim with randomness: the share of the draws that met the goal, at the perturbed input. */
  brokenShare?: number;
  /** The goal is still met after rounding to 8 bits. */
  brokenRounded?: boolean;
  linf?: number;
  l2?: number;
  l1?: number;
  l0?: number;
  /** Signal to noise in dB, 10·log₁₀(Σx²/Σδ²): of inputs that are rows, such as sound. */
  snr?: number;
  /** Of a broken sample and an attack that looks for the shortest perturbation: its length in the norm of the attack. */
  minimalNorm?: number;
  /** The yardstick's estimate of I(x, x+δ), and of I(x, x), in nats: of broken samples. */
  mi?: number;
  miSelf?: number;
  /** SSIM of the input and the perturbed input, −1 to 1: of broken samples, of images from 11 × 11 pixels. */
  ssim?: number;
  /** The attack's own estimate of I(x, x+δ). */
  miOwn?: number;
  forwards?: number;
  gradients?: number;
  /** The same until the victim was first seen to meet the goal inside the threat model; of a broken sample. */
  forwardsToSuccess?: number;
  gradientsToSuccess?: number;
  /**
   * An input that broke the sample in an earlier run was tried before the attack. `broken`: it breaks it still, and there was no
   * attack; `withstood`: it does not, and the status is what the attack came to.
   */
  example?: 'broken' | 'withstood';
  /** Of a broken sample and an attack that has several stages: the one that broke it. */
  stage?: string;
  /** Under a family of corruptions: the prediction by kind and level, −1 where outputs were not finite. Of samples that were skipped, too. */
  corrupted?: Record<string, Record<string, number>>;
  /** The same of a multi-label victim: its Hamming loss, 1 where outputs were not finite. */
  corruptedHamming?: Record<string, Record<string, number>>;
  /** Gradient evaluations that came back as zero everywhere. */
  zeroGradients?: number;
  /**
   * The victim's margin has a zero gradient at the clean input; a goal of the spec's has one there and where the attack
   * ended. Looked at for samples that held a gradient attack.
   */
  flat?: boolean;
  /** The victim met the goal inside the threat model on the way, and the attack returned another input; of a held sample. */
  seenBroken?: boolean;
  /** The best value of the criterion on the way, of a held sample: see `Progress`. */
  progress?: Progress;
  /** What the attack achieves with an epsilon of the whole range, for a few of the samples that held. */
  unbounded?: 'broken' | 'held';
  seconds?: number;
}

/** Was the victim right about the clean input (all labels, where there are several)? Nothing where that is not known. */
export function wasRight({ label, cleanPrediction, cleanHamming }: Outcome): boolean | undefined {
  if (cleanHamming !== undefined) return cleanHamming === 0;
  return label === undefined || cleanPrediction === undefined ? undefined : cleanPrediction === label;
}

/** Is it right under the attack, too? Where nothing was attacked, it is as before. */
export function staysRight(one: Outcome): boolean | undefined {
  const before = wasRight(one);
  if (!before) return before;
  if (one.cleanHamming !== undefined) return (one.hamming ?? 0) === 0;
  return (one.prediction ?? one.cleanPrediction) === one.label;
}

const statuses: readonly unknown[] = [
  'broken',
  'held',
  'skipped',
  'unassessed',
] satisfies Outcome['status'][];

/** Whether a value that was read somewhere can be an outcome: what has another status would drop out of every rate. */
export function isOutcome(value: unknown): value is Outcome {
  if (typeof value !== 'object' || value === null) return false;
  const { index, status } = value as Partial<Outcome>;
  return Number.isSafeInteger(index) && index! >= 0 && statuses.includes(status);
}

export const unassessed = (index: number, reason: string): Outcome => ({
  index,
  status: 'unassessed',
  reason,
});
