import { appendFileSync } from 'node:fs';
import path from 'node:path';
import type { Report } from '@gauntlet/core';
import { markdown } from './markdown.js';
import type { Reporter } from './reporter.js';
import { plain } from './text.js';

export interface GithubOptions {
  folder: string;
  write: (text: string) => void;
  /** The file that GITHUB_STEP_SUMMARY names. */
  summary: string | undefined;
  /** Root of the checkout, to which paths in annotations are relative. */
  workspace: string | undefined;
}

/** GitHub Actions: an annotation for everything that did not pass, and the table as the job's summary. */
export function githubReporter({ folder, write, summary, workspace }: GithubOptions): Reporter {
  return {
    onEvent(event) {
      if (event.type !== 'run-done') return;
      for (const line of annotations(event.report, workspace)) write(`${line}\n`);
      if (summary) appendFileSync(summary, `${markdown(event.report, folder)}\n`);
    },
  };
}

/** Workflow commands, one for each message. */
export function annotations(report: Report, workspace = process.cwd()): string[] {
  const file = path.relative(workspace, report.spec);
  const command = (level: 'error' | 'warning', title: string, message: string) =>
    `::${level} file=${property(file)},title=${property(title)}::${data(message)}`;
  const level = (verdict: string) => (verdict === 'fail' ? 'error' : 'warning');
  const cells = report.cells.flatMap(({ id, findings, expectations }) =>
    findings.length > 0
      ? findings.map(({ message }) => command('warning', `${id}: inconclusive`, message))
      : expectations.filter(({ verdict }) => verdict !== 'pass').map(({ verdict, metric, message }) => command(level(verdict), `${id}: ${metric}`, message)),
  ); // prettier-ignore
  const regressions = (report.difference?.cells ?? [])
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ id, verdict, message }) => command(level(verdict), `${id}: baseline`, message));
  return [...cells, ...regressions];
}

/** As GitHub's own toolkit escapes them; control characters are gone before. */
const data = (text: string) => plain(text, 1000).replaceAll('%', '%25');
const property = (text: string) =>
  plain(text).replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C');
