export const iterationsParam = {
  iterations: { type: 'integer', minimum: 1, default: 40, description: 'T' },
} as const;
