/** JSON Schema of an object that has these properties and no others; those of `optional` may be absent. */
export const object = (properties: Record<string, object>, optional: Record<string, object> = {}) => ({
  type: 'object',
  additionalProperties: false,
  properties: { ...properties, ...optional },
  required: Object.keys(properties),
});

export const text = { type: 'string' };
export const texts = { type: 'array', items: text };
export const number = { type: 'number' };
/** A length, a time or a share. */
export const amount = { type: 'number', minimum: 0 };
export const count = { type: 'integer', minimum: 0 };
export const counts = { type: 'array', items: count };
export const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' };
export const verdict = { enum: ['pass', 'fail', 'inconclusive'] };
/** Of what may have no expectation. */
export const cellVerdict = { enum: [...verdict.enum, 'measured'] };
export const pair = { type: 'array', items: number, minItems: 2, maxItems: 2 };
/** Any names but the one that would reach an object's prototype. */
export const names = { not: { const: '__proto__' } };

/** JSON has no NaN and no Infinity: they are written as null. */
export const orNull = (schema: { type: string; minimum?: number }) => ({
  ...schema,
  type: [schema.type, 'null'],
});
