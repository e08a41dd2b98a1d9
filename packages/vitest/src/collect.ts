import path from 'node:path';
import type { ExpectationResult } from '@gauntlet/api';
import { cellName, makeCells, runDefaults, SpecError, specName } from '@gauntlet/core';
import { findingText, plain } from '@gauntlet/reporters';
import { attachGallery } from './attach.js';
import { closeWorkers, openSpec, runCells, whereToLook } from './run-cells.js';
import { afterAll, describe, expect, test } from 'vitest';

export interface CollectOptions {
  /** Seconds that one cell may take. */
  timeout?: number;
}

/** Makes tests of a spec file: one for each cell, in which every expectation is an assertion. */
export async function collect(
  file: string,
  { timeout = runDefaults.timeout }: CollectOptions = {},
): Promise<void> {
  const spec = await openSpec(file).catch((error: unknown) => {
    throw error instanceof SpecError ? new Error(error.toString()) : error;
  });
  const cells = makeCells(spec);
  expect.extend({ toHold });
  afterAll(closeWorkers);
  for (const { name } of spec.victims)
    describe(name, () => {
      for (const cell of cells.filter(({ victim }) => victim.name === name))
        test(cell.attack.name, { timeout: timeout * 1000 }, async (context) => {
          const output = path.join(
            path.dirname(file),
            'gauntlet-report',
            specName(file),
            'vitest',
            cellName(cell.id),
          );
          const report = await runCells(spec, output, { only: new Set([cell.id]) });
          const [done] = report.cells;
          await attachGallery(context, done, output);
          const look = whereToLook(done, output);
          const against = done.findings.filter(({ severity }) => severity === 'inconclusive');
          if (against.length > 0)
            throw new Error([...against.map((one) => plain(findingText(one), 700)), look].join('\n'));
          for (const expectation of done.expectations) expect.soft(expectation).toHold(look);
        });
    });
}

/** Every expectation is judged, also after one has failed. */
function toHold({ verdict, message }: ExpectationResult, look: string) {
  return { pass: verdict === 'pass', message: () => `${plain(message, 500)}\n${look}` };
}

// vitest 4 and 5 give their own interface of matchers different type parameters; both take those of Chai.
declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Chai {
    interface Assertion {
      /** An expectation of a spec, as the referee has judged it. */
      toHold(look: string): void;
    }
  }
}
