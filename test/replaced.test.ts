import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { digitsModel, readReport, temporary, writeSpec } from './support/cli.js';
import { childrenOf, start } from './support/processes.js';
import { itOnLinux } from './support/needs.js';

const pgd = {
  use: 'pgd',
  params: { epsilon: 0.1, steps: 20, restarts: 1 },
  expect: { asr: { max: 0.99 } },
};

itOnLinux(
  'a model that is replaced while a run is under way makes what comes after inconclusive',
  async () => {
    const folder = temporary('replaced');
    const model = path.join(folder, 'model');
    mkdirSync(model);
    for (const file of ['model.json', 'weights.bin'])
      copyFileSync(path.join(path.dirname(digitsModel), file), path.join(model, file));
    const spec = writeSpec(folder, [pgd], {
      victim: { name: 'digits', model: './model/model.json', kind: 'classifier', bounds: [0, 1] },
      dataset: { format: 'plugin', use: 'digits', take: 24 },
    });
    const output = path.join(folder, 'out');
    const journal = path.join(output, 'journal.jsonl');
    const args = ['run', spec, '-j', '1', '--batch-size', '4', '--output', output];
    const { child, done } = start(args);
    const chunks = () => (existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length - 2 : 0);
    while (chunks() < 2 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));

    const weights = readFileSync(path.join(model, 'weights.bin'));
    weights.writeFloatLE(weights.readFloatLE(0) + 0.5, 0);
    writeFileSync(path.join(model, 'new.bin'), weights);
    renameSync(path.join(model, 'new.bin'), path.join(model, 'weights.bin'));
    process.kill(childrenOf(child.pid!)[0], 'SIGKILL');

    expect((await done).code).toBe(3);
    const [cell] = readReport(output).cells;
    const reasons = cell.outcomes.map(({ status, reason }) => (status === 'unassessed' ? reason : status));
    expect(reasons.slice(0, 8)).not.toContainEqual(expect.stringContaining('replaced'));
    expect(reasons.at(-1)).toBe(
      'the model of digits was replaced while the run was under way; run again when nobody writes to it',
    );
    // Nothing of it is taken for the new model's.
    expect((await start(args).done).code).toBe(0);
    expect(readReport(output).execution.reusedCells).toEqual([]);
    expect(readReport(output).victims[0].hash).not.toBe(cell.key);
  },
);
