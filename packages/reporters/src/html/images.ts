import { type CellReport, type Outcome, type Report, type ReporterContext, worstFirst } from '@gauntlet/api';
import { encode } from 'fast-png';
import { lookedAt } from '../evidence.js';

/** One sample to look at; images are data URIs. */
export interface Exhibit {
  outcome: Outcome;
  views: { name: string; image: string }[];
}

type ImagesOf = ReporterContext<unknown>['images'];

export interface Gallery {
  exhibits: Exhibit[];
  /** Perturbations are shown this many times as large. */
  amplified: number;
}

/** Of a cell with fewer broken samples, some that held are shown behind them. */
const fewest = 3;

/** Largest side of an embedded image, and bytes that all images of a report may have. */
const [largest, allBytes] = [128, 9e6];

/** The worst samples of each cell, by its id, from the images that the run has kept. */
export async function loadGalleries(
  report: Report,
  imagesOf: ImagesOf,
  most = 12,
): Promise<Map<string, Gallery>> {
  const bytes = report.cells.length * 3 * bytesOf(report.dataset.imageShape);
  const each = Math.max(2, Math.min(most, Math.floor(allBytes / Math.max(1, bytes))));
  const galleries = new Map<string, Gallery>();
  for (const cell of report.cells) {
    // A curve has many points, which differ little from each other.
    const gallery = await loadGallery(cell, report, imagesOf, cell.sweep ? Math.min(4, each) : each);
    if (gallery) galleries.set(cell.id, gallery);
  }
  return galleries;
}

/** Compressed, an image has about half of its bytes. */
const bytesOf = ([h, w, c]: readonly number[]) => Math.min(h, largest) * Math.min(w, largest) * c * 0.5 + 100;

async function loadGallery(
  cell: CellReport,
  report: Report,
  imagesOf: ImagesOf,
  most: number,
): Promise<Gallery | undefined> {
  const outcomes = lookedAt(cell);
  const worst = worstFirst(outcomes);
  const held = [...outcomes.keys()].filter((i) => outcomes[i].status === 'held');
  const order = [...worst, ...held.slice(0, Math.max(0, fewest - worst.length))].map((i) => outcomes[i]);
  const images = await imagesOf(
    cell,
    order.map(({ index }) => index),
  );
  const n = Math.min(most, images.indices.length);
  if (n === 0) return undefined;
  const { bounds, kind } = report.victims.find(({ name }) => name === cell.victim)!;
  const { clean, perturbed, cleanReconstruction, reconstruction, shape } = images;
  const size = shape[0] * shape[1] * shape[2];
  const delta = perturbed.map((value, i) => value - clean[i]).subarray(0, n * size);
  const amplified = amplification(delta, bounds);
  const exhibits = Array.from({ length: n }, (_, i): Exhibit => {
    const view = (name: string, values: Float32Array | undefined, [low, high] = bounds) =>
      values ? [{ name, image: png(values.subarray(i * size, (i + 1) * size), shape, low, high) }] : [];
    const reach = (bounds[1] - bounds[0]) / (2 * amplified);
    const views = [
      ...view('original', clean),
      ...view('perturbed', perturbed),
      ...view(`perturbation ×${amplified}`, delta, [-reach, reach]),
      ...(kind === 'autoencoder'
        ? [
            ...view('reconstruction of the original', cleanReconstruction),
            ...view('reconstruction of the perturbed', reconstruction),
          ]
        : []),
    ];
    return { outcome: outcomes.find(({ index }) => index === images.indices[i])!, views };
  });
  return { exhibits, amplified };
}

/** The largest round factor at which no perturbation is cut off. */
function amplification(delta: Float32Array, [low, high]: readonly [number, number]): number {
  const most = delta.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const factors = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000];
  return factors.filter((factor) => factor * most <= (high - low) / 2).at(-1) ?? 1;
}

/** An image as a PNG data URI; large ones are made smaller by averaging. */
function png(values: Float32Array, [h, w, c]: readonly number[], low: number, high: number): string {
  const by = Math.max(1, Math.ceil(Math.max(h, w) / largest));
  const [height, width] = [Math.ceil(h / by), Math.ceil(w / by)];
  const channels = c === 1 ? 1 : 3;
  const data = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let k = 0; k < channels; k++) {
        let [sum, n] = [0, 0];
        for (let v = y * by; v < Math.min(h, (y + 1) * by); v++)
          for (let u = x * by; u < Math.min(w, (x + 1) * by); u++, n++)
            sum += values[(v * w + u) * c + Math.min(k, c - 1)];
        const shown = (sum / n - low) / (high - low);
        data[(y * width + x) * channels + k] = Math.round(255 * Math.min(1, Math.max(0, shown)));
      }
  return `data:image/png;base64,${Buffer.from(encode({ width, height, data, channels, depth: 8 })).toString('base64')}`;
}
