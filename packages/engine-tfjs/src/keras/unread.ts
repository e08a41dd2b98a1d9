/** A model, or a part of it, that is not read here. The message goes on after "… that is not read here: ". */
export class Unread extends Error {
  override name = 'Unread';
}

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as a person reads it in a message. */
export const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 80);
