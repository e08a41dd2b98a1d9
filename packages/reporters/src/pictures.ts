import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cellFolder, cellName, readImages, worstFirst, type CellReport, type Spec } from '@gauntlet/core';
import { contactSheet } from './contact-sheet.js';
import type { Reporter } from './reporter.js';

/** Samples on a sheet. */
export const samplesPerPicture = 10;

/** pictures/<cell>.png: the worst samples of each cell, from the images that the run has saved. */
export function picturesReporter(folder: string): Reporter {
  let spec: Spec;
  return {
    async onEvent(event) {
      if (event.type === 'run-started') spec = event.spec;
      if (event.type === 'cell-done') await writePicture(event.cell, spec, folder);
    },
  };
}

async function writePicture(cell: CellReport, spec: Spec, folder: string): Promise<void> {
  const { outcomes } = cell;
  // Where too little is broken, what held is worth a look.
  const held = [...outcomes.keys()].filter((i) => outcomes[i].status === 'held');
  const chosen = [...new Set([...worstFirst(outcomes), ...held])].slice(0, samplesPerPicture);
  const indices = chosen.map((i) => outcomes[i].index);
  const images = await readImages(cellFolder(folder, cell), indices);
  if (images.indices.length === 0) return;
  const { bounds } = spec.victims.find(({ name }) => name === cell.victim)!;
  mkdirSync(path.join(folder, 'pictures'), { recursive: true });
  writeFileSync(path.join(folder, 'pictures', `${cellName(cell.id)}.png`), contactSheet(images, images.shape, bounds)); // prettier-ignore
}
