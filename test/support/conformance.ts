import { describe, it } from 'vitest';
import { conformance, type ConformanceRow } from '@gauntlet/testing';

/** A new attack gets the whole suite by adding a row. Each file of test/conformance is a process of its own. */
export function testConformance(table: readonly ConformanceRow[]): void {
  for (const row of table)
    describe(`${row.attack.name} ${JSON.stringify(row.params('linf', 0.1))}`, () => {
      for (const { name, run } of conformance(row)) it(name, run);
    });
}
