import path from 'node:path';
import { defineReporter } from '@gauntlet/api';
import { writeWhole } from '@gauntlet/core';
import { reportText } from './report-text.js';

/** report.json: the whole report. Schema: @gauntlet/reporters/schema/report.schema.json. */
export const jsonReporter = defineReporter({
  name: 'json',
  version: 1,
  description: 'report.json: the whole report, which merge, compare, replay and --baseline read',
  params: { type: 'object', additionalProperties: false, properties: {} },
  files: () => [{ path: 'report.json' }],
  open: ({ folder }) => ({
    onEvent(event) {
      if (event.type === 'run-done') writeWhole(path.join(folder, 'report.json'), reportText(event.report));
    },
  }),
});
