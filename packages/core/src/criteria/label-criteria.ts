import { anyLabelWrong, defineCriterion, GauntletError, labelsWrong, pickSets } from '@gauntlet/api';

const anyLabel = defineCriterion({
  name: 'any-label',
  version: 1,
  victim: 'classifier',
  multiLabel: true,
  description: 'The decision on at least one label is wrong, of a multi-label victim',
  params: { type: 'object', additionalProperties: false, properties: {} },
  open:
    ({ labelSets }) =>
    (rows) =>
      anyLabelWrong(pickSets(labelSets!, rows)),
});

const hamming = defineCriterion({
  name: 'hamming',
  version: 1,
  victim: 'classifier',
  multiLabel: true,
  description: 'The decisions on at least so many labels are wrong, of a multi-label victim',
  params: {
    type: 'object',
    additionalProperties: false,
    properties: {
      labels: { type: 'integer', minimum: 1, description: 'How many labels' },
      share: { type: 'number', exclusiveMinimum: 0, maximum: 1, description: 'Or which share of them' },
    },
    oneOf: [{ required: ['labels'] }, { required: ['share'] }],
  },
  open({ labelSets, params: { labels, share } }) {
    const { width } = labelSets!;
    // A share of 0.3 of ten labels is three, whatever 0.3 · 10 is in binary.
    const m = labels ?? Math.max(1, Math.ceil(share! * width - 1e-9));
    if (m > width)
      throw new GauntletError(
        'criterion-params',
        `The criterion hamming asks for ${m} labels, and there are ${width}. Write labels: ${width} or fewer, or a share.`,
      );
    return (rows) => labelsWrong(pickSets(labelSets!, rows), m);
  },
});

export default [anyLabel, hamming];
