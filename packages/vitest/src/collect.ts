import path from 'node:path';
import { cellName, makeCells, runDefaults, SpecError } from '@gauntlet/core';
import { afterAll, describe, expect, test } from 'vitest';
import { attachGallery } from './attach.js';
import { closeWorkers, openSpec, runCells, whereToLook } from './run-cells.js';

export interface CollectOptions {
  /** Seconds that one cell may take. */
  timeout?: number;
}

/** Makes tests of a spec file: one for each cell, in which every expectation is an assertion. */
export async function collect(file: string, { timeout = runDefaults.timeout }: CollectOptions = {}): Promise<void> {
  const spec = await openSpec(file).catch((error: unknown) => {
    throw error instanceof SpecError ? new Error(error.toString()) : error;
  });
  const cells = makeCells(spec);
  afterAll(closeWorkers);
  for (const { name } of spec.victims)
    describe(name, () => {
      for (const cell of cells.filter(({ victim }) => victim.name === name))
        test(cell.attack.name, { timeout: timeout * 1000 }, async (context) => {
          const output = path.join(path.dirname(file), 'gauntlet-report', specName(file), 'vitest', cellName(cell.id));
          const report = await runCells(spec, output, { only: new Set([cell.id]) });
          const [done] = report.cells;
          await attachGallery(context, done, output);
          const look = whereToLook(done, output);
          if (done.findings.length > 0) throw new Error([...done.findings.map(({ message }) => message), look].join('\n'));
          for (const { metric, verdict, message } of done.expectations) expect.soft(verdict, `${metric}: ${message}\n${look}`).toBe('pass');
        });
    });
} // prettier-ignore

const specName = (file: string) => path.basename(file).replace(/\.robust\.\w+$/, '');
