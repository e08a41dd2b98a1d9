/** What a spec may write where a number is wanted: `8/255`. */
export const fractionPattern = String.raw`^-?\d+(\.\d+)?/\d+(\.\d+)?$`;
const fraction = new RegExp(fractionPattern);

/** As much of a JSON Schema as it takes to see where numbers stand. */
interface Schema {
  type?: string | readonly string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  anyOf?: readonly Schema[];
}

/** The value with `8/255` as a number wherever the schema takes numbers and no text; one over nothing stays text. */
export function readFractions(schema: object, value: unknown): unknown {
  const { properties = {}, additionalProperties, items } = partFor(schema as Schema, value);
  if (typeof value === 'string') return takes(schema as Schema, 'number') ? quotient(value) : value;
  if (Array.isArray(value)) return value.map((item: unknown) => readFractions(items ?? {}, item));
  if (typeof value !== 'object' || value === null) return value;
  const rest = typeof additionalProperties === 'object' ? additionalProperties : {};
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      readFractions(Object.hasOwn(properties, key) ? properties[key] : rest, inner),
    ]),
  );
}

/** Of several schemas the one for a value of this shape. */
function partFor(schema: Schema, value: unknown): Schema {
  const shape = Array.isArray(value) ? 'array' : typeof value;
  return schema.anyOf?.find((one) => takes(one, shape)) ?? schema;
}

function takes({ type, anyOf = [] }: Schema, shape: string): boolean {
  const types = [type ?? []].flat();
  if (shape === 'number' && types.includes('string')) return false;
  return types.includes(shape) || anyOf.some((one) => takes(one, shape));
}

function quotient(text: string): unknown {
  if (!fraction.test(text)) return text;
  const [above, below] = text.split('/').map(Number);
  return below === 0 ? text : above / below;
}
