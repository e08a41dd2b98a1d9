import type { FromSchema, JSONSchema } from 'json-schema-to-ts';

/** JSON Schema of an options object. Defaults live here and nowhere else. */
export interface ParamsSchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly properties: { readonly [name: string]: JSONSchema & object };
  readonly required?: readonly string[];
}

/** The options after validation: what has a default is always there. */
export type ParamsOf<S> = S extends JSONSchema ? FromSchema<S> : never;

/** The options as a user writes them: what has a default may be left out. */
export type ParamsInput<S> = S extends JSONSchema
  ? FromSchema<S, { keepDefaultedPropertiesOptional: true }>
  : never;

export interface Complaint {
  /** Where in the object: property names and array positions. */
  path: (string | number)[];
  /** A sentence with what is wrong and what to write. */
  message: string;
  /** The complaint is about the property's name, not its value. */
  key?: string;
}
