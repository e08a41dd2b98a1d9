import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { defineReporter, type Report } from '@gauntlet/api';
import { jsonText } from './text.js';

/** report.json: the whole report. Schema: @gauntlet/reporters/schema/report.schema.json. */
export const jsonReporter = defineReporter({
  name: 'json',
  version: 1,
  description: 'report.json: the whole report, which merge, compare, replay and --baseline read',
  params: { type: 'object', additionalProperties: false, properties: {} },
  files: () => [{ path: 'report.json' }],
  open: ({ folder }) => ({
    onEvent(event) {
      if (event.type === 'run-done')
        writeFileSync(path.join(folder, 'report.json'), reportText(event.report));
    },
  }),
});

/** What the file holds. */
export const reportText = (report: Report): string => `${jsonText(report)}\n`;
