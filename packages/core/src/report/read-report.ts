import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Complaint, GauntletError, type Outcome, reasonOf, type Report } from '@gauntlet/api';
import { firstComplaint } from '../1-spec/check-params.js';
import { checkReport } from './check-report.js';
import { mayBeNull } from './outcome-schema.js';
import { parseReport } from './parse-report.js';
import { reportSchema } from './report-schema.js';

/**
 * Reads report.json of any run. Nothing in it is believed that can be checked: its form by the schema, numbers and
 * verdicts by computing them again from the outcomes.
 * @throws GauntletError `report-invalid` with the field that is wrong
 */
export function readReport(file: string): Report {
  const wrong = (why: string, cause?: unknown) =>
    new GauntletError('report-invalid', `${file} is no report of a run: ${why}`, { cause });
  if (!existsSync(file))
    throw wrong(
      path.basename(file) === 'report.json' && existsSync(path.dirname(file))
        ? 'there is none in that folder. The reporter "json" writes it: run again without --reporter, or with json among them.'
        : 'there is no such file.',
    );
  let value: unknown;
  try {
    value = parseReport(file);
  } catch (error) {
    throw wrong(reasonOf(error), error);
  }
  const { format, version } = (value ?? {}) as Partial<Report>;
  if (format !== 'gauntlet-report') throw wrong('name the report.json that gauntlet run has written.');
  if (version !== 1) throw wrong(`it is of version ${String(version)}, this Gauntlet reads version 1.`);
  const complaint = firstComplaint(reportSchema, value);
  if (complaint) throw wrong(sentence(complaint));
  const report = value as Report;
  for (const { outcomes } of report.cells) outcomes.forEach(restoreNaN);
  return checkReport(report, file);
}

const sentence = ({ path: at, message }: Complaint): string => {
  const field = at.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return field === '' ? message : `${field.replace(/^\./, '')}: ${message}`;
};

/** What was NaN or infinite when it was written is no number, so that no metric can rest on it. */
function restoreNaN(outcome: Outcome): void {
  const fields = outcome as unknown as Record<string, unknown>;
  for (const name of mayBeNull) if (fields[name] === null) fields[name] = NaN;
}
