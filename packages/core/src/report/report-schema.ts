import { modelKinds, weakFindings } from '@gauntlet/api';
import { cellSchema, expectationsSchema, findingsSchema, metricSchema, threatSchema } from './cell-schema.js';
import {
  amount,
  cellVerdict,
  count,
  counts,
  number,
  object,
  pair,
  text,
  texts,
  verdict,
} from './schema-parts.js';

const sizes = { type: 'array', items: count, minItems: 1 };

const dataset = object(
  { name: text, n: count, imageShape: { ...sizes, minItems: 3, maxItems: 3 }, hash: text },
  { classNames: texts },
);

const examination = object(
  { samples: count, range: pair },
  {
    error: text,
    repeat: amount,
    alone: amount,
    hardLabels: count,
    probabilities: count,
    margin: amount,
    variation: amount,
    stepped: count,
    notFinite: count,
    slopes: { type: 'array', items: number },
    step: amount,
    cardAccuracy: { ...amount, maximum: 1 },
  },
);

const victim = object(
  {
    name: text,
    kind: { enum: modelKinds },
    model: { ...text, description: 'A file, relative to the folder of the spec, or a plugin' },
    engine: text,
    inputShape: sizes,
    bounds: pair,
    classes: count,
    outputScale: { enum: ['logits', 'log-probabilities', 'reconstruction', 'embedding'] },
    featureSource: {
      type: 'object',
      discriminator: { propertyName: 'kind' },
      required: ['kind'],
      oneOf: [
        object({ kind: { const: 'convolution' }, layer: text }),
        object({ kind: { const: 'patches' } }),
      ],
    },
    hash: text,
    gradients: { ...text, description: 'exact, or how they were estimated' },
    notes: texts,
  },
  {
    multiLabel: {
      const: true,
      description: 'Each of the classes is a label that may be true or not, whatever the others are',
    },
    straightThrough: {
      ...texts,
      description: 'Operators that gradients pass straight through, as if these were not there',
    },
    eot: { ...count, description: 'Attacks saw the mean of so many passes, if the victim has randomness' },
    repeats: {
      ...object({ draws: count, share: { ...amount, maximum: 1 } }),
      description: 'Broken means: in at least this share of so many draws, if the victim has randomness',
    },
    examination: { ...examination, description: 'What a few samples showed of it before any attack' },
  },
);

const difference = object({
  baseline: text,
  policy: object({ tolerance: { ...amount, maximum: 1 } }, { significance: { ...amount, maximum: 1 } }),
  verdict,
  cells: {
    type: 'array',
    items: object(
      {
        id: text,
        verdict,
        message: text,
        newlyBroken: counts,
        newlyFixed: counts,
        unchanged: count,
        added: counts,
        missing: counts,
      },
      { pValue: { ...amount, maximum: 1 } },
    ),
  },
});

const worstCase = object({
  victim: text,
  threat: threatSchema,
  cells: {
    ...texts,
    minItems: 1,
    description: 'Ids of all that it is made of by the spec; the run may lack some',
  },
  verdict,
  findings: findingsSchema,
  expectations: expectationsSchema,
});

const execution = object(
  {
    startedAt: { ...text, pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$` },
    seconds: amount,
    workers: count,
    node: text,
    retries: { type: 'array', items: object({ cell: text, samples: count, reason: text }) },
    reused: count,
    reusedCells: {
      ...texts,
      description: 'Ids of cells that are unchanged since an earlier run and were not done again',
    },
  },
  {
    commit: { ...text, description: 'The revision of the repository, where it is known' },
    checks: {
      ...object({ seconds: amount, attacks: amount }),
      description: 'Seconds of worker time that the checks of the evidence took, and the attacks',
    },
  },
);

/** JSON Schema of report.json, which `@gauntlet/reporters` publishes: `gauntlet schema report` prints it. */
export const reportSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Gauntlet report',
  description:
    'report.json of a run. Timings are in execution, in outcomes[].seconds and in metrics.seconds; everything else depends on spec, model, data, seed and engine alone.',
  ...object(
    {
      format: { const: 'gauntlet-report' },
      version: { const: 1 },
      gauntlet: text,
      spec: { ...text, description: 'Name of its file' },
      seed: count,
      verdict: cellVerdict,
      strict: {
        anyOf: [{ type: 'boolean' }, object({ except: { type: 'array', items: { enum: weakFindings } } })],
        description: 'Whether weak evidence stops the build',
      },
      interrupted: { type: 'boolean' },
      dataset,
      victims: { type: 'array', items: victim, minItems: 1 },
      cells: { type: 'array', items: cellSchema, minItems: 1 },
      execution,
    },
    {
      maxUnassessed: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0,
        description: 'Share of the samples of a cell that may be unassessed, by the spec',
      },
      shard: {
        ...object(
          { index: { ...count, minimum: 1 }, count: { ...count, minimum: 1 }, cells: texts },
          {
            own: {
              ...texts,
              description: 'Ids of the cells of this part, where they were dealt out by cost',
            },
          },
        ),
        description: 'The part of the run that this report is of; cells are the ids of all parts together',
      },
      leftOut: {
        ...texts,
        description: 'Ids of cells of the spec that the run was not asked for (--grep, --last-failed)',
      },
      yardstick: text,
      worstCases: {
        type: 'array',
        items: worstCase,
        description: 'What the spec expects of all attacks of one threat model together',
      },
      difference: { ...difference, description: 'From the baseline, if the run was held against one.' },
    },
  ),
  definitions: { metric: metricSchema },
};
