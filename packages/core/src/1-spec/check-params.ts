import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type Complaint, didYouMean, GauntletError, type Plugin, reasonOf } from '@gauntlet/api';

// Optimising the code of a schema takes longer than its one use saves.
const settings = {
  useDefaults: true,
  strictSchema: false,
  // A value of two types is no mistake; Ajv would write a line about it to stderr.
  strictTypes: false,
  verbose: true,
  discriminator: true,
  code: { optimize: false },
};
const ajv = new Ajv({ ...settings, allErrors: true });
/** A file that somebody else has made may be wrong in a million places: one is enough to refuse it. */
const untilFirst = new Ajv(settings);
const compiled = new WeakMap<Ajv, WeakMap<object, ValidateFunction>>();

function validatorOf(by: Ajv, schema: object): ValidateFunction {
  const known = compiled.get(by) ?? new WeakMap<object, ValidateFunction>();
  compiled.set(by, known);
  const validate = known.get(schema) ?? by.compile(schema);
  known.set(schema, validate);
  return validate;
}

/**
 * What checks the options of a plugin can be made of its schema.
 * @throws GauntletError `plugin-broken`
 */
export function checkSchema({ kind, name, params }: Pick<Plugin, 'kind' | 'name' | 'params'>): void {
  try {
    validatorOf(ajv, params);
  } catch (error) {
    throw new GauntletError(
      'plugin-broken',
      `"params" of the ${kind} ${name} is no JSON Schema of its options: ${wrongOfSchema(params) ?? reasonOf(error)}`,
      { cause: error },
    );
  }
}

function wrongOfSchema(schema: object): string | undefined {
  if (ajv.validateSchema(schema)) return undefined;
  const [error] = worthTelling(ajv.errors!);
  return `at ${error.instancePath || '/'}, ${toComplaint(error).message}`;
}

/** Checks an object against a schema and fills in the defaults (in place). No complaints: it is valid. */
export function checkAgainst(schema: object, value: unknown): Complaint[] {
  const validate = validatorOf(ajv, schema);
  if (validate(value)) return [];
  const complaints = worthTelling(validate.errors!).map(toComplaint);
  return complaints.filter(
    (one, i) =>
      complaints.findIndex(
        (other) => other.message === one.message && other.path.join() === one.path.join(),
      ) === i,
  );
}

/** The first thing that is wrong with an object, or nothing; fills in the defaults (in place). */
export function firstComplaint(schema: object, value: unknown): Complaint | undefined {
  const validate = validatorOf(untilFirst, schema);
  return validate(value) ? undefined : toComplaint(worthTelling(validate.errors!)[0]);
}

/** A failed branch also complains about every other branch; the deepest complaints are the user's. */
function worthTelling(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const deepest = errors.filter(({ keyword }) => !['if', 'anyOf', 'oneOf', 'not'].includes(keyword));
  return deepest.length > 0 ? deepest : errors;
}

function toComplaint(error: ErrorObject): Complaint {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      return /^\d+$/.test(name) ? Number(name) : name;
    });
  const name = path.length > 0 ? `"${nameOf(path)}"` : 'The value';
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
    case 'enum': {
      const allowed = params.allowedValues as unknown[];
      const names = allowed.filter((one) => typeof one === 'string');
      const guess = typeof error.data === 'string' ? didYouMean(error.data, names) : '';
      return {
        path,
        message: `${name} must be one of ${allowed.map((v) => JSON.stringify(v)).join(', ')}; ${found}.${guess}`,
      };
    }
    case 'const':
      return { path, message: `${name} must be ${JSON.stringify(params.allowedValue)}; ${found}.` };
    case 'propertyNames':
      return { path, message: `${name} may have no "${String(params.propertyName)}".` };
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

/** The last name of a path, with the place in its list: `kinds[1]`. */
function nameOf(path: readonly (string | number)[]): string {
  const last = path.findLastIndex((part) => typeof part === 'string');
  const places = path.slice(last + 1).map((place) => `[${place}]`);
  return (last < 0 ? '' : path[last]) + places.join('');
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
