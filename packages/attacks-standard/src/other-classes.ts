/** All classes but the label, the largest logit first, of equal ones the first. */
export const otherClasses = (logits: readonly number[], label: number): number[] =>
  [...logits.keys()].filter((k) => k !== label).sort((a, b) => logits[b]! - logits[a]!);
