import { expect, it } from 'vitest';
import { checkAgainst } from './check-params.js';
import { partOfSchema } from './part-of-schema.js';
import { specSchema } from './spec-schema.js';

const idx = { format: 'idx', images: 'a.gz', take: 3 };
const attacks = [{ use: 'pgd' }];
const victim = { model: 'm.onnx', kind: 'classifier', bounds: [0, 1] };
const specs: Record<string, unknown>[] = [
  { victim, dataset: idx, attacks },
  { victims: [victim, { ...victim, kind: 'robot' }], dataset: { ...idx, format: 'folder' }, attacks },
  { victim: { ...victim, modle: 1 }, dataset: { ...idx, format: 'ifx' }, attacks: [], sed: 4 },
  { victim: [], dataset: { images: 'a.gz' }, attacks, seed: -1, threat: { norm: 'linf' } },
  { victim, dataset: idx, attacks, retrain: { train: {}, test: { format: 'npy' } }, gate: 'late' },
  { victim: { ...victim, preprocess: { mean: 'x' }, http: {} }, dataset: null, attacks: [{ us: 1 }] },
  { $schema: 3, toString: 1, strict: { x: 1 }, metrics: [{}], estimator: {} },
];

it.each(specs)('says the same of a spec and fills in the same defaults, spec %#', (spec) => {
  const [whole, part] = [structuredClone(spec), structuredClone(spec)];
  expect(checkAgainst(partOfSchema(specSchema, part), part)).toEqual(checkAgainst(specSchema, whole));
  expect(part).toEqual(whole);
});

it('of values with the same options is the same schema, which leaves out what they do not have', () => {
  const [one, other] = [specs[0], { ...specs[0], attacks: [{ use: 'fgsm' }] }];
  const part = partOfSchema(specSchema, one);
  expect(partOfSchema(specSchema, other)).toBe(part);
  expect(JSON.stringify(part).length).toBeLessThan(JSON.stringify(specSchema).length / 2);
});

it('what every value gets by default is checked', () => {
  const schema = { type: 'object', properties: { a: { type: 'number', default: 3 }, b: { type: 'number' } } };
  const value = {};
  expect(checkAgainst(partOfSchema(schema, value), value)).toEqual([]);
  expect(value).toEqual({ a: 3 });
});
