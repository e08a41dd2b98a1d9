import { expect, it } from 'vitest';
import { contractVersion, type Outcome } from '@gauntlet/api';
import { openMetrics } from './open-metrics.js';

const module = `export default {
  kind: 'metric', name: 'near', version: 1, contract: ${contractVersion}, params: {},
  measure: (outcomes, { most }) => ({ values: outcomes.map(({ l2 }) => Math.min(l2, most)) }),
}`;

it('measures by what a plugin says, with its options, under the name that the spec gives it', async () => {
  const plugin = { url: `data:text/javascript,${encodeURIComponent(module)}` };
  const measures = await openMetrics(
    [1, 3].map((most) => ({ name: `near${most}`, plugin, params: { most } })),
  );
  const outcomes = [0.5, 2].map((l2, index): Outcome => ({ index, status: 'broken', l2 }));
  expect([...measures].map(([name, measure]) => [name, measure(outcomes)])).toEqual([
    ['near1', { values: [0.5, 1] }],
    ['near3', { values: [0.5, 2] }],
  ]);
});
