import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { CellReport, Report } from '@gauntlet/api';
import { examplesBytes, type ExamplesFile, sampleIdentity, sha256Of } from './examples.js';
import { cellFolder, cellName, readImages } from './images.js';
import { writeWhole } from './write-whole.js';

/** Where a baseline's examples lie, a file for each cell. */
const examplesFolder = (baseline: string): string => `${baseline.replace(/\.json$/, '')}.examples`;

/** The file of a cell of a baseline, and what has to be in it; nothing if there is none. */
export function examplesOf(
  baseline: string,
  { id, examples }: Pick<CellReport, 'id' | 'examples'>,
  shape: readonly number[],
): ExamplesFile | undefined {
  const { kept, sha256 } = examples ?? {};
  if (kept === undefined || sha256 === undefined) return undefined;
  const file = path.join(examplesFolder(baseline), `${cellName(id)}.npz`);
  return { file, sha256, count: kept, shape: shape as [number, number, number] };
}

/**
 * Copies the perturbed inputs of broken samples from a run folder to a folder beside the baseline that the report is to become:
 * of cells that kept them (`reuse: examples`). Examples of an earlier baseline of this name are removed.
 * @returns the report, with what is kept of each cell
 */
export async function keepExamples(report: Report, folder: string, baseline: string): Promise<Report> {
  const target = examplesFolder(baseline);
  if (existsSync(target))
    for (const file of readdirSync(target).filter((name) => name.endsWith('.npz')))
      rmSync(path.join(target, file));
  const cells: CellReport[] = [];
  for (const { examples, ...cell } of report.cells) {
    const kept = examples?.kept === undefined ? undefined : await collect(cell, folder);
    if (!kept) {
      cells.push(cell);
      continue;
    }
    const bytes = examplesBytes(kept);
    mkdirSync(target, { recursive: true });
    writeWhole(path.join(target, `${cellName(cell.id)}.npz`), [bytes]);
    cells.push({ ...cell, examples: { kept: kept.samples.length, sha256: sha256Of(bytes) } });
  }
  return { ...report, cells };
}

/** What a run folder has of the broken samples of a cell. */
async function collect({ id, key, outcomes }: Omit<CellReport, 'examples'>, folder: string) {
  const broken = new Map(
    outcomes.filter(({ status }) => status === 'broken').map((outcome) => [outcome.index, outcome]),
  );
  const wanted = [...broken.keys()];
  const images = await readImages(cellFolder(folder, { id, key }), wanted, ['clean', 'perturbed'], () => {});
  const { indices, clean, perturbed, shape } = images;
  const n = indices.length;
  if (n === 0 || clean.length !== perturbed.length) return undefined;
  const size = clean.length / n;
  const samples = indices.map((index, row) => {
    const { label, labels } = broken.get(index)!;
    return sampleIdentity(clean.subarray(row * size, (row + 1) * size), labels ?? label);
  });
  return { samples, perturbed, shape };
}
