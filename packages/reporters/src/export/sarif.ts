import { createHash } from 'node:crypto';
import path from 'node:path';
import { defineReporter, type Report } from '@gauntlet/api';
import { stops } from '../evidence.js';
import { shownFolder } from '../replay.js';
import { fileParam, writeReportFile } from '../report-file.js';
import { plain, xmlText } from '../text.js';
import { evidenceOnly, taxaOf, taxonomies, type TaxonId } from './taxonomies.js';
import { type TestPoint, testPoints } from './test-points.js';

/** report.sarif: what did not pass, for the code-scanning view of a repository. */
export const sarifReporter = defineReporter({
  name: 'sarif',
  version: 1,
  description: 'report.sarif: what did not pass, for code-scanning views (SARIF 2.1.0)',
  params: {
    type: 'object',
    additionalProperties: false,
    properties: { file: fileParam('report.sarif') },
  },
  files: ({ file }) => [{ path: file }],
  open({ folder, cwd, env, params }) {
    let spec: string | undefined;
    return {
      onEvent(event) {
        // Only here is it said where the spec lies, which the view marks.
        if (event.type === 'run-started') spec = path.relative(env.GITHUB_WORKSPACE ?? cwd, event.spec);
        if (event.type !== 'run-done') return;
        const text = JSON.stringify(sarif(event.report, shownFolder({ folder, cwd }), spec), null, 1);
        writeReportFile(folder, params.file, `${text}\n`);
      },
    };
  },
});

/** The report as a log of SARIF 2.1.0. `spec` is its file, relative to the repository. */
export function sarif(report: Report, folder: string, spec = report.spec) {
  const points = testPoints(report, folder);
  const rules = [...new Set(points.filter(stops).map(({ rule }) => rule))];
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Gauntlet',
            semanticVersion: plain(report.gauntlet, 40),
            rules: rules.map((id) => ({ id, shortDescription: { text: descriptionOf(id) } })),
          },
        },
        taxonomies: taxonomies.map(({ name, version, organization, url, taxa }) => ({
          name,
          version,
          organization,
          informationUri: url,
          fullDescription: { text: evidenceOnly },
          taxa: taxa.map((taxon) => ({ id: taxon.id, name: taxon.name })),
        })),
        invocations: [{ executionSuccessful: !report.interrupted, startTimeUtc: report.execution.startedAt }],
        results: points.filter(stops).map((point) => resultOf(point, rules, spec, report)),
      },
    ],
  };
}

function descriptionOf(rule: string): string {
  const [kind, what] = rule.split('/');
  if (kind === 'expectation') return `A limit that the spec sets on ${what}`;
  if (kind === 'worst-case') return `A limit that the spec sets on ${what} over several attacks`;
  if (kind === 'finding') return `Weak evidence: ${what}`;
  return kind === 'baseline' ? 'Samples that held in the baseline' : 'A measurement without evidence';
}

function resultOf(
  { name, rule, verdict, message, replay, cell }: TestPoint,
  rules: string[],
  spec: string,
  { victims }: Report,
) {
  const taxa = cell
    ? taxaOf(
        cell,
        victims.find((victim) => victim.name === cell.victim)!,
      )
    : [];
  return {
    ruleId: rule,
    ruleIndex: rules.indexOf(rule),
    // A run that is inconclusive stops the build as one that failed does.
    level: verdict === 'fail' ? 'error' : 'warning',
    message: { text: `${name}. ${message}${replay ? ` Look at it: ${replay}` : ''}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(spec) }, region: { startLine: 1 } } }],
    partialFingerprints: { 'gauntletPoint/v1': createHash('sha256').update(name).digest('hex') },
    taxa: taxa.map(reference),
  };
}

function reference(id: TaxonId) {
  const index = taxonomies.findIndex(({ taxa }) => taxa.some((taxon) => taxon.id === id));
  return { id, toolComponent: { name: taxonomies[index].name, index } };
}

/** A relative path as a URI reference; what is no text becomes what stands for it. */
const uriOf = (file: string): string =>
  xmlText(file)
    .split(/[\\/]/)
    .map((part) => encodeURIComponent(part.slice(0, 200)))
    .join('/');
