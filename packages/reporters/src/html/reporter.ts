import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Report } from '@gauntlet/core';
import type { Reporter } from '../reporter.js';
import { loadGalleries } from './images.js';
import { html } from './page.js';

/** Samples of each cell whose way through the attack the page shows. */
export const tracedSamples = 4;

/** report.html: everything on one page. */
export function htmlReporter(folder: string): Reporter {
  return {
    async onEvent(event) {
      if (event.type === 'run-done') await writeHtml(event.report, folder, path.join(folder, 'report.html'));
    },
  };
}

/** Writes the page of a run from its report and the images in its folder. */
export async function writeHtml(report: Report, folder: string, file: string): Promise<void> {
  writeFileSync(file, html(report, folder, await loadGalleries(report, folder)));
}
