// Every form in which models and data come, a row each: attacked with success, or refused by a sentence with a way out.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Form, pgd, usualData } from './forms/classifier.js';
import { dataForms } from './forms/data-forms.js';
import { fileForms } from './forms/file-forms.js';
import { modelForms } from './forms/model-forms.js';
import { gauntlet, readReport, repository, temporary, writeSpec } from './support/cli.js';

const folder = temporary('forms-runs');

async function run({ spec }: Form, index: number) {
  const { victim, dataset = usualData(), attack = pgd } = await spec();
  const written = writeSpec(
    folder,
    [attack],
    { victim: { name: 'v', kind: 'classifier', bounds: [0, 1], ...victim }, dataset },
    `${index}.robust.json`,
  );
  const output = `${folder}/${index}`;
  return { ...(await gauntlet('run', written, '-j', '0', '--output', output)), output };
}

const forms = [...modelForms, ...fileForms, ...dataForms];

describe('a form', () => {
  it.each(forms.map((form, i) => [form.form, form, i] as const))('%s', async (_, form, index) => {
    const { code, stdout, stderr, output } = await run(form, index);
    expect(stdout + stderr).not.toMatch(/\n\s+at /);
    if (form.refused) {
      expect(stderr.replace(/\s+/g, ' ')).toMatch(form.refused);
      return expect(code).toBe(2);
    }
    expect([code, stderr]).toEqual([0, '']);
    const [{ metrics }] = readReport(output).cells;
    expect([metrics.cleanAccuracy?.value, metrics.asr?.value]).toEqual([1, 1]);
  });
});

const written = path.join(repository, 'docs/guide/forms.md');
const rowOf = ({ form, refused }: Form) => `${form} | ${refused ? 'refused' : 'attacked'}`;

it('are those of the table in the documentation, none of them twice', () => {
  const rows = readFileSync(written, 'utf8').match(/^\| .* \|$/gm) ?? [];
  const table = rows
    .map((row) =>
      row
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim())
        .join(' | '),
    )
    .filter((row) => !/^form \||---/.test(row));
  expect(table).toEqual(forms.map(rowOf));
  expect(new Set(table).size).toBe(forms.length);
  expect(forms.length).toBeGreaterThanOrEqual(87);
});
