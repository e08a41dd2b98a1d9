/** What an attack may spend on one sample, counted by the host. */
export interface Budget {
  forwards?: number;
  gradients?: number;
}

export const budgetText = ({ forwards, gradients }: Budget): string =>
  [
    gradients !== undefined && `${gradients} gradients`,
    forwards !== undefined && `${forwards} forward passes`,
  ]
    .filter(Boolean)
    .join(' and ');
