/** Parameters that several attacks have in common; defaults live here. Lengths are in the victim's input units. */
export const threatParams = {
  norm: { enum: ['linf', 'l2', 'l1'], default: 'linf', description: 'How the perturbation is measured' },
  epsilon: { type: 'number', minimum: 0, description: 'Largest length of the perturbation, in input units' },
} as const;

export const targetParam = {
  target: {
    anyOf: [{ type: 'integer', minimum: 0 }, { const: 'next' }, { type: 'null' }],
    default: null,
    description: 'Class to aim at, or "next" for (label + 1) mod classes; null: any other class',
  },
} as const;
