export const lossParam = {
  loss: {
    enum: ['auto', 'ce', 'margin', 'dlr', 'goal'],
    default: 'auto',
    description:
      'What is ascended; goal: minus the criterion; auto: ce, or goal where the spec sets a criterion',
  },
} as const;
