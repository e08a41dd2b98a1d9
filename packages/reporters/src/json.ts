import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Reporter } from './reporter.js';

/** report.json: the whole report. Schema: @gauntlet/reporters/schema/report.schema.json. */
export function jsonReporter(folder: string): Reporter {
  return {
    onEvent(event) {
      if (event.type === 'run-done')
        writeFileSync(path.join(folder, 'report.json'), `${JSON.stringify(event.report, null, 1)}\n`);
    },
  };
}
