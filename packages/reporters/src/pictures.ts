import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type CellReport, defineReporter, type ReporterContext, worstFirst } from '@gauntlet/api';
import { lookedAt } from './evidence.js';
import { cellName, writeWhole } from '@gauntlet/core';
import { contactSheet } from './contact-sheet.js';

/** Samples on a sheet, and images of each chunk that a run keeps for those who look at them. */
export const samplesPerPicture = 10;

/** pictures/<cell>.png: the worst samples of each cell, from the images that the run has saved. */
export const picturesReporter = defineReporter({
  name: 'pictures',
  version: 1,
  description:
    'pictures/<cell>.png: the worst samples of each cell, original, perturbed, and their difference',
  params: { type: 'object', additionalProperties: false, properties: {} },
  needs: { images: samplesPerPicture },
  files: () => [
    {
      path: 'pictures',
      note: 'original | perturbed | difference, for autoencoders both reconstructions and their difference',
    },
  ],
  open(context) {
    let bounds: ReadonlyMap<string, readonly [number, number]>;
    return {
      async onEvent(event) {
        if (event.type === 'run-started')
          bounds = new Map(event.victims.map((victim) => [victim.name, victim.bounds]));
        if (event.type === 'cell-done')
          await writePicture(event.cell, bounds.get(event.cell.victim)!, context);
      },
    };
  },
});

async function writePicture(
  cell: CellReport,
  bounds: readonly [number, number],
  { folder, images: imagesOf }: Pick<ReporterContext<unknown>, 'folder' | 'images'>,
): Promise<void> {
  const outcomes = lookedAt(cell);
  // Where too little is broken, what held is worth a look.
  const held = [...outcomes.keys()].filter((i) => outcomes[i].status === 'held');
  const chosen = [...new Set([...worstFirst(outcomes), ...held])].slice(0, samplesPerPicture);
  const indices = chosen.map((i) => outcomes[i].index);
  const images = await imagesOf(cell, indices);
  if (images.indices.length === 0) return;
  const pictures = path.join(folder, 'pictures');
  // In a folder of somebody else's it may be a link to anywhere.
  if (lstatSync(pictures, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(pictures);
  mkdirSync(pictures, { recursive: true });
  const sheet = contactSheet(images, images.shape, bounds);
  writeWhole(path.join(pictures, `${cellName(cell.id)}.png`), [sheet]);
}
