import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import {
  type CellReport,
  defineReporter,
  type Report,
  type ReporterContext,
  worstFirst,
} from '@gauntlet/api';
import { cellName, writeWhole } from '@gauntlet/core';
import { lookedAt } from './evidence.js';
import { sweepsOf } from './html/curves.js';
import { plain, threatText } from './text.js';

/** Samples on a sheet, and images of each chunk that a run keeps for those who look at them. */
export const samplesPerPicture = 10;

/** pictures/<cell>.png: the worst samples of each cell, from the images that the run has saved. */
export const picturesReporter = defineReporter({
  name: 'pictures',
  version: 1,
  description:
    'pictures/<cell>.png: the worst samples of each cell, labelled; pictures/curves-*.png: what the spec sweeps over',
  params: { type: 'object', additionalProperties: false, properties: {} },
  needs: { images: samplesPerPicture },
  files: () => [
    {
      path: 'pictures',
      note: 'original | perturbed | difference, for autoencoders both reconstructions; the curves of a sweep',
    },
  ],
  open: (context) => ({
    async onEvent(event) {
      if (event.type !== 'run-done') return;
      const { report } = event;
      for (const cell of report.cells) await writePicture(cell, report, context);
      const { curvePicture } = await import('./curve-picture.js');
      for (const [i, sweep] of sweepsOf(report).entries())
        save(context.folder, `curves-${i + 1}-${cellName(sweep.victim)}`, await curvePicture(sweep));
    },
  }),
});

async function writePicture(
  cell: CellReport,
  { victims, dataset: { classNames } }: Report,
  { folder, images: imagesOf }: Pick<ReporterContext<unknown>, 'folder' | 'images'>,
): Promise<void> {
  const outcomes = lookedAt(cell);
  // Where too little is broken, what held is worth a look.
  const held = [...outcomes.keys()].filter((i) => outcomes[i].status === 'held');
  const chosen = [...new Set([...worstFirst(outcomes), ...held])].slice(0, samplesPerPicture);
  const { labelledSheet } = await import('./label-sheet.js');
  const images = await imagesOf(
    cell,
    chosen.map((i) => outcomes[i].index),
  );
  if (images.indices.length === 0) return;
  const { bounds } = victims.find(({ name }) => name === cell.victim)!;
  const shown = images.indices.map((index) => outcomes.find((one) => one.index === index)!);
  const title = `${plain(cell.id, 100)}, ${threatText(cell.threat)}`;
  save(
    folder,
    cellName(cell.id),
    await labelledSheet({ title, images, bounds, outcomes: shown, classNames }),
  );
}

function save(folder: string, name: string, png: Uint8Array): void {
  const pictures = path.join(folder, 'pictures');
  // In a folder of somebody else's it may be a link to anywhere.
  if (lstatSync(pictures, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(pictures);
  mkdirSync(pictures, { recursive: true });
  writeWhole(path.join(pictures, `${name}.png`), [png]);
}
