/** JSON Schema of an object of options, which has no others. */
export const options = (properties: Record<string, object>, required: string[], rest: object = {}) =>
  ({ type: 'object', additionalProperties: false, properties, required, ...rest }) as const;

/** A text that is not empty. */
export const text = (description: string) => ({ type: 'string', minLength: 1, description });
