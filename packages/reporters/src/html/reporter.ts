import { defineReporter } from '@gauntlet/api';
import { shownFolder } from '../replay.js';
import { fileParam, writeReportFile } from '../report-file.js';
import { samplesPerPicture } from '../pictures.js';

/** Samples of each cell whose way through the attack the page shows. */
const tracedSamples = 4;

/** report.html: everything on one page. */
export const htmlReporter = defineReporter({
  name: 'html',
  version: 1,
  description: 'report.html: everything on one page, with images and curves',
  params: {
    type: 'object',
    additionalProperties: false,
    properties: { file: fileParam('report.html') },
  },
  needs: { images: samplesPerPicture, traces: tracedSamples },
  files: ({ file }) => [{ path: file }],
  open: ({ folder, cwd, images, params }) => ({
    async onEvent(event) {
      if (event.type !== 'run-done') return;
      // What draws pages is not needed before there is something to show.
      const [{ loadGalleries }, { html }] = await Promise.all([import('./images.js'), import('./page.js')]);
      const galleries = await loadGalleries(event.report, images);
      const page = html(event.report, shownFolder({ folder, cwd }), galleries);
      writeReportFile(folder, params.file, page);
    },
  }),
});
