import { voidFindings, weakFindings } from '@gauntlet/api';
import { outcomeSchema } from './outcome-schema.js';
import {
  amount,
  cellVerdict,
  count,
  counts,
  names,
  number,
  object,
  pair,
  sha256,
  text,
  texts,
  verdict,
} from './schema-parts.js';

export const metricSchema = object(
  { n: count },
  {
    value: number,
    interval: pair,
    std: amount,
    quantiles: object({ p05: number, p25: number, p50: number, p75: number, p95: number }),
  },
);

const metric = { $ref: '#/definitions/metric' };
const limits = {
  min: number,
  max: number,
  confidence: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
  early: {
    const: true,
    description: 'The interval is one of a confidence sequence, which holds at any time',
  },
};

export const threatSchema = object(
  { norm: { enum: ['linf', 'l2', 'l1', 'l0', 'none'] }, epsilon: amount },
  {
    kind: { const: 'corruption', description: 'Only images of a family, which the referee makes again' },
    family: { ...text, description: 'Of kind corruption: the family in words' },
    target: { anyOf: [{ type: 'integer', minimum: 0 }, { const: 'next' }, { type: 'null' }] },
    features: {
      ...object(
        {},
        {
          immutable: counts,
          bounds: { type: 'object', propertyNames: names, additionalProperties: pair },
        },
      ),
      description: 'What the spec says of single features (threat)',
    },
    also: {
      ...object({ norm: { enum: ['linf', 'l2', 'l1'] }, epsilon: amount }),
      description: 'What the spec allows besides (threat): samples are held to both.',
    },
  },
);

const points = { type: 'array', items: { type: ['number', 'null'] } };

export const findingsSchema = {
  type: 'array',
  items: object(
    {
      code: { enum: [...voidFindings, ...weakFindings] },
      severity: {
        enum: ['inconclusive', 'warning'],
        description: 'inconclusive: it takes away a pass of the cell',
      },
      message: text,
      samples: counts,
    },
    { accepted: { const: true, description: 'It would be inconclusive; the spec accepts it (strict)' } },
  ),
};

export const expectationsSchema = {
  type: 'array',
  items: object({ metric: text, verdict, measured: metric, message: text }, limits),
};

export const cellSchema = object(
  {
    id: text,
    key: { ...sha256, description: 'sha256 over everything that the outcomes depend on' },
    victim: text,
    attack: text,
    use: text,
    version: count,
    params: { type: 'object', propertyNames: names },
    threat: threatSchema,
    usesGradients: { type: 'boolean' },
    verdict: cellVerdict,
    findings: findingsSchema,
    expectations: expectationsSchema,
    metrics: { type: 'object', propertyNames: names, additionalProperties: metric },
    outcomes: { type: 'array', items: outcomeSchema },
  },
  {
    criterion: text,
    estimator: text,
    otherEngines: {
      ...texts,
      minItems: 1,
      description:
        "What some samples were computed by instead of the victim's engine: outcomes of such a cell may differ from one run to the next",
    },
    early: {
      ...object({ samples: count, saved: count }),
      description: 'What was expected was decided after so many samples; the others were not attacked',
    },
    examples: {
      ...object(
        {},
        {
          kept: { ...count, description: 'Broken samples whose perturbed inputs outlive the run' },
          sha256: { ...sha256, description: 'Of a baseline: of the file beside it that has them' },
          tried: object({ baseline: text, sha256 }),
        },
      ),
      description: 'Perturbed inputs that outlive their run (reuse)',
    },
    sweep: {
      ...object({ of: text, param: text, value: number }),
      description: 'Point of a curve: an attack of the spec at one value of a parameter',
    },
    budget: {
      ...object({}, { forwards: { ...count, minimum: 1 }, gradients: { ...count, minimum: 1 } }),
      description: 'What the attack was allowed to spend on a sample',
    },
    traces: {
      type: 'array',
      description:
        'The first samples on their way through the attack, a point for each look at the victim, thinned out evenly',
      items: object({ index: count, gradients: points, forwards: points, criterion: points }, { mi: points }),
    },
  },
);
