import { Ajv, type JSONSchemaType } from 'ajv';

const text = { type: 'string' };
const whole = { type: 'integer', minimum: 0 };
const list = (items: object) => ({ type: 'array', items });
const object = (required: Record<string, object>, optional: Record<string, object> = {}) => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
});
const verdict = { enum: ['pass', 'fail', 'inconclusive'] };
// What is not finite is null in JSON.
const number = { type: ['number', 'null'] };
const metric = object({ n: whole }, { value: number, interval: list(number) });

/**
 * What comparing, merging, replaying and showing a report rely on. The published schema
 * (packages/reporters/schema) says more; reports of earlier versions lack some of that.
 */
const schema = object({
  verdict,
  seed: whole,
  dataset: object({ name: text, hash: text, imageShape: list(whole) }),
  victims: list(object({ name: text, kind: { enum: ['classifier', 'autoencoder'] } })),
  cells: list(
    object(
      {
        id: text,
        victim: text,
        attack: text,
        use: text,
        version: whole,
        params: object({}),
        threat: object({}, { also: object({}) }),
        verdict,
        findings: list(object({ message: text, samples: list(whole) })),
        expectations: list(object({ metric: text, verdict, measured: metric, message: text })),
        metrics: { type: 'object', additionalProperties: metric },
        outcomes: list(
          object({ index: whole, status: { enum: ['broken', 'held', 'skipped', 'unassessed'] } }),
        ),
      },
      { key: text },
    ),
  ),
  execution: object({}, { reusedCells: list(text), retries: list(object({})) }),
});

const validate = new Ajv({ strict: false }).compile(schema as unknown as JSONSchemaType<unknown>);

/** What is wrong with a report, in words; nothing if it can be worked with. */
export function reportProblem(report: { cells: unknown[] }): string | undefined {
  if (!validate(report)) {
    const { instancePath, keyword, params, message } = validate.errors![0];
    // /cells/0/outcomes/3/status reads cells[0].outcomes[3].status
    const where = instancePath
      .slice(1)
      .replace(/\/(\d+)(?=\/|$)/g, '[$1]')
      .replaceAll('/', '.');
    const allowed =
      keyword === 'enum' ? `: ${(params as { allowedValues: string[] }).allowedValues.join(', ')}` : '';
    return `${where || 'it'} ${message}${allowed}.`;
  }
  const cells = report.cells as { id: string; outcomes: { index: number }[] }[];
  const twice = repeated(cells.map(({ id }) => id));
  if (twice !== undefined) return `it has the cell ${twice} twice.`;
  for (const { id, outcomes } of cells) {
    const sample = repeated(outcomes.map(({ index }) => index));
    if (sample !== undefined) return `the cell ${id} has sample ${sample} twice.`;
  }
  return undefined;
}

function repeated<T>(values: readonly T[]): T | undefined {
  const seen = new Set<T>();
  return values.find((value) => seen.size === seen.add(value).size);
}
