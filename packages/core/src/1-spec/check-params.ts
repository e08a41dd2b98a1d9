import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type Complaint, didYouMean } from '@gauntlet/api';

const ajv = new Ajv({
  useDefaults: true,
  allErrors: true,
  strictSchema: false,
  verbose: true,
  discriminator: true,
});
const compiled = new WeakMap<object, ValidateFunction>();

/** Checks an object against a schema and fills in the defaults (in place). No complaints: it is valid. */
export function checkAgainst(schema: object, value: unknown): Complaint[] {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  if (validate(value)) return [];
  // A failed branch also complains about every other branch; the deepest complaints are the user's.
  const errors = validate.errors!.filter(({ keyword }) => !['if', 'anyOf', 'oneOf', 'not'].includes(keyword));
  const complaints = (errors.length > 0 ? errors : validate.errors!).map(toComplaint);
  return complaints.filter(
    (one, i) =>
      complaints.findIndex(
        (other) => other.message === one.message && other.path.join() === one.path.join(),
      ) === i,
  );
}

function toComplaint(error: ErrorObject): Complaint {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      return /^\d+$/.test(name) ? Number(name) : name;
    });
  const name = path.length > 0 ? `"${path.at(-1)}"` : 'The value';
  const found = `found ${JSON.stringify(error.data)?.slice(0, 80)}`;
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty);
      const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {});
      const list = known.length > 0 ? ` Known: ${known.join(', ')}.` : '';
      return {
        path,
        key,
        message: `There is no option "${key}"${path.length ? ` in ${name}` : ''}.${didYouMean(key, known) || list}`,
      };
    }
    case 'required':
      return {
        path,
        message: `${path.length ? `${name} needs` : 'Needed here:'} "${String(params.missingProperty)}".`,
      };
    case 'enum':
      return {
        path,
        message: `${name} must be one of ${(params.allowedValues as unknown[]).map((v) => JSON.stringify(v)).join(', ')}; ${found}.`,
      };
    case 'const':
      return { path, message: `${name} must be ${JSON.stringify(params.allowedValue)}; ${found}.` };
    case 'type':
      return { path, message: `${name} must be ${article(params.type)}; ${found}.` };
    case 'discriminator':
      return {
        path: [...path, String(params.tag)],
        message: `"${String(params.tag)}" ${discriminatorHint(error)}`,
      };
    default:
      return { path, message: `${name} ${error.message ?? 'is not valid'}; ${found}.` };
  }
}

function discriminatorHint(error: ErrorObject): string {
  const { tag, tagValue } = error.params as { tag: string; tagValue?: unknown };
  const branches =
    (error.parentSchema as { oneOf?: { properties: Record<string, { const?: string }> }[] }).oneOf ?? [];
  const known = branches.map((branch) => branch.properties[tag]?.const ?? '');
  const guess = typeof tagValue === 'string' ? didYouMean(tagValue, known) : '';
  return `must be one of ${known.join(', ')}; found ${JSON.stringify(tagValue)}.${guess}`;
}

function article(type: unknown): string {
  const types = (Array.isArray(type) ? type : [type]) as string[];
  return types
    .map((one) => `${/^[aeiou]/.test(one) ? 'an' : 'a'} ${one}`.replace('a null', 'null'))
    .join(' or ');
}
