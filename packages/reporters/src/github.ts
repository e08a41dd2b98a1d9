import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { defineReporter, type Report } from '@gauntlet/api';
import { findingText, warningsOf, worstCaseName } from './evidence.js';
import { markdown } from './markdown.js';
import { shownFolder } from './replay.js';
import { plain } from './text.js';

/** GitHub Actions: an annotation for everything that did not pass, and the table as the job's summary. */
export const githubReporter = defineReporter({
  name: 'github',
  version: 1,
  description: "annotations and the job's summary, for GitHub Actions",
  params: { type: 'object', additionalProperties: false, properties: {} },
  open({ folder, cwd, stdout, env }) {
    let spec: string | undefined;
    return {
      onEvent(event) {
        // Only here is it said where the spec lies, which GitHub marks.
        if (event.type === 'run-started')
          spec = path
            .relative(env.GITHUB_WORKSPACE ?? cwd, event.spec)
            .split(path.sep)
            .join('/');
        if (event.type !== 'run-done') return;
        for (const line of annotations(event.report, spec)) stdout.write(`${line}\n`);
        if (env.GITHUB_STEP_SUMMARY) {
          const text = markdown(event.report, shownFolder({ folder, cwd }));
          appendFileSync(env.GITHUB_STEP_SUMMARY, `${text}\n`);
        }
      },
    };
  },
});

/** Workflow commands, one for each message. `file` is the spec, relative to the repository. */
export function annotations(report: Report, file = report.spec): string[] {
  const command = (level: 'error' | 'warning' | 'notice', title: string, message: string) =>
    `::${level} file=${property(file)},title=${property(title)}::${data(message)}`;
  const level = (verdict: string) => (verdict === 'fail' ? 'error' : 'warning');
  const worstCases = (report.worstCases ?? []).map((one) => ({ ...one, id: worstCaseName(one) }));
  const cells = [...report.cells, ...worstCases].flatMap(({ id, findings, expectations }) => {
    const against = findings.filter(({ severity }) => severity === 'inconclusive');
    const open = expectations.filter(
      ({ verdict }) => verdict === 'fail' || (verdict === 'inconclusive' && against.length === 0),
    );
    return [
      ...against.map((finding) => command('warning', `${id}: inconclusive`, findingText(finding))),
      ...open.map(({ verdict, metric, message }) => command(level(verdict), `${id}: ${metric}`, message)),
    ];
  });
  const warnings = warningsOf(report).map(({ text, ids }) => command('notice', ids.join(' '), text));
  const regressions = (report.difference?.cells ?? [])
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ id, verdict, message }) => command(level(verdict), `${id}: baseline`, message));
  return [...cells, ...regressions, ...warnings];
}

/** As GitHub's own toolkit escapes them; control characters are gone before. */
const data = (text: string) => plain(text, 1000).replaceAll('%', '%25');
const property = (text: string) =>
  plain(text).replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C');
