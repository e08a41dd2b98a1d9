import assert from 'node:assert/strict';
import { tidyAsync } from '@gauntlet/api';
import { checkAgainst, findDefect, findForeign } from '@gauntlet/core';
import { aim, call, eachRow, seed } from './call-attack.js';
import type { ConformanceRow } from './conformance-row.js';
import type { linearOracle } from './linear-victim.js';

/** Of an attack whose threat model is a corruption: the referee makes each image again. */
export const corruptionCase = (
  row: ConformanceRow,
  params: Record<string, unknown>,
): [name: string, run: (make: typeof linearOracle) => Promise<void>] => [
  'returns images of its family, inside the box, and says which',
  async (make) => {
    const oracle = make(6, { classes: row.classes ?? 2 });
    const given = structuredClone(params);
    checkAgainst(row.attack.params, given);
    const { perturbed, settings } = await call(row, oracle, given);
    const threat = row.attack.threat(given);
    assert.equal(threat.kind, 'corruption');
    assert.ok(settings, 'it does not say which setting each sample was made with');
    eachRow(oracle, perturbed, (clean, image) =>
      assert.equal(findDefect(clean, image, [0, 1], threat), undefined),
    );
    await tidyAsync(async () => {
      const { batch } = await aim(oracle, row.attack, given);
      const task = { seed, attack: { params: given } };
      const scene = { victim: oracle.victim, batch };
      const foreign = await findForeign(row.attack, task, scene, { perturbed, settings });
      assert.deepEqual(foreign, Array(oracle.labels.length).fill(undefined));
    });
  },
];
