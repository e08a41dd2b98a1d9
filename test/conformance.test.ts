import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { conformance, type ConformanceRow } from '@gauntlet/core/testing';
import { fgsm, minmax, noise, penalty, pgd } from '@gauntlet/attacks-minmax';
import { gaussian, l2Uae, mineUae } from '@gauntlet/attacks-uae';
import halfway from '../examples/plugin/halfway.mjs';
import { gauntlet, readReport, repository, temporary } from './support/cli.js';

/** A new attack gets the whole suite by adding a row. */
const table: ConformanceRow[] = [
  { attack: pgd, params: (norm, epsilon) => ({ norm, epsilon, steps: 20 }) },
  { attack: pgd, params: (norm, epsilon) => ({ norm, epsilon, steps: 10, loss: 'dlr', restarts: 2, keepImproving: true }), classes: 4 },
  { attack: pgd, params: (norm, epsilon) => ({ norm, epsilon, steps: 20, loss: 'margin', randomStart: false }) },
  { attack: fgsm, params: (norm, epsilon) => ({ norm, epsilon, loss: 'margin' }) },
  { attack: noise, params: (norm, epsilon) => ({ norm, epsilon, draws: 3 }), findsOptimum: false },
  { attack: minmax, params: (norm, epsilon) => (norm === 'linf' ? { epsilon, similarity: 'gaussian', iterations: 60, initialC: 100 } : undefined) },
  { attack: minmax, params: (norm, epsilon) => (norm === 'linf' ? { epsilon, similarity: 'positions', iterations: 60, keepImproving: false } : undefined) },
  { attack: minmax, params: (norm, epsilon) => (norm === 'linf' ? { epsilon, similarity: 'fast', iterations: 60 } : undefined) },
  { attack: halfway, params: (norm, epsilon) => (norm === 'linf' ? { epsilon } : undefined) },
  { attack: penalty, params: (norm, epsilon) => (norm === 'linf' ? { epsilon, similarity: 'gaussian', searches: 5, iterations: 25 } : undefined) },
  { attack: mineUae, params: (norm, epsilon) => (norm === 'linf' ? { epsilon, similarity: 'gaussian', iterations: 30, initialC: 10 } : undefined) },
  { attack: mineUae, params: (norm, epsilon) => (norm === 'linf' ? { epsilon, similarity: 'fast', iterations: 20, mineSteps: 2, warmUp: 5, initialC: 10 } : undefined) },
  { attack: mineUae, params: (norm, epsilon) => (norm === 'linf' ? { epsilon, similarity: 'positions', rule: 'paper', iterations: 20, mineSteps: 2, keepImproving: false, initialC: 10 } : undefined) },
  { attack: l2Uae, params: (norm, epsilon) => (norm === 'linf' ? { epsilon, initialC: 10 } : undefined) },
  { attack: l2Uae, params: (norm, epsilon) => (norm === 'linf' ? { epsilon, distance: 'squared', initialC: 10 } : undefined) },
  { attack: gaussian, params: (norm, epsilon) => (norm === 'linf' ? { sigma: epsilon } : undefined), findsOptimum: false },
  { attack: gaussian, params: (norm, epsilon) => (norm === 'linf' ? { sigma: epsilon } : undefined), findsOptimum: false, victim: 'autoencoder' },
  { attack: noise, params: (norm, epsilon) => ({ norm, epsilon, draws: 3 }), findsOptimum: false, victim: 'autoencoder' },
]; // prettier-ignore

describe('the attack of the page on attacks', () => {
  it('is the file in examples/plugin', () => {
    const read = (file: string) => readFileSync(path.join(repository, file), 'utf8');
    expect(read('docs/plugins/attack.md')).toContain(read('examples/plugin/halfway.mjs'));
  });

  it('runs beside built-in ones', async () => {
    const out = temporary('plugin');
    const { code, stderr } = await gauntlet(
      'run',
      path.join(repository, 'examples/plugin'),
      '-j',
      '2',
      '--output',
      out,
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const asr = readReport(out).cells.map(({ metrics }) => metrics.asr!.value!);
    expect(asr[0]).toBeGreaterThan(0.1);
    expect(asr[2]).toBeGreaterThanOrEqual(asr[1]);
  });
});

for (const row of table) {
  describe(`${row.attack.name} ${JSON.stringify(row.params('linf', 0.1))}`, () => {
    for (const { name, run } of conformance(row)) it(name, run);
  });
}
