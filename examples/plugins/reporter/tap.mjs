import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { defineReporter } from '@gauntlet/api';

/** One line: what is no letter of a test's name is escaped or gone. */
const plain = (text) => text.replace(/\p{Cc}+/gu, ' ').replace(/[\\#]/g, '\\$&');

const ok = (verdict) => verdict === 'pass' || verdict === 'measured';

/** The Test Anything Protocol, version 14: what nobody can judge is not ok, what nothing is expected of is skipped. */
export default defineReporter({
  name: 'tap',
  version: 1,
  description: 'report.tap: a test point for each expectation (Test Anything Protocol)',
  params: {
    type: 'object',
    additionalProperties: false,
    properties: { file: { type: 'string', default: 'report.tap', description: 'Name in the run folder' } },
  },
  files: ({ file }) => [{ path: file }],
  open: ({ folder, params }) => ({
    onEvent(event) {
      if (event.type !== 'run-done') return;
      const points = event.report.cells.flatMap(({ id, verdict, expectations, findings }) =>
        expectations.length > 0
          ? expectations.map((one) => ({ name: `${id} ${one.metric}`, ...one }))
          : [{ name: id, verdict, message: findings.map(({ message }) => message).join(' ') }],
      );
      const lines = points.flatMap(({ name, verdict, message }, i) => [
        `${ok(verdict) ? 'ok' : 'not ok'} ${i + 1} - ${plain(name)}${verdict === 'measured' ? ' # SKIP measured only' : ''}`,
        ...(message ? [`# ${plain(message)}`] : []),
      ]);
      writeFileSync(
        path.join(folder, params.file),
        ['TAP version 14', `1..${points.length}`, ...lines, ''].join('\n'),
      );
    },
  }),
});
