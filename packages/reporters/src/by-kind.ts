import {
  type CellReport,
  type Metric,
  type MetricName,
  type ModelKind,
  modelKinds,
  type Report,
} from '@gauntlet/api';
import { number, percent, signedPercent } from './text.js';

/** A report's cells by the kind of their victim, which decides what is worth a column; kinds without cells are left out. */
export function byKind({ victims, cells }: Report): { kind: ModelKind; cells: CellReport[] }[] {
  return modelKinds
    .map((kind) => {
      const names = new Set(victims.filter((victim) => victim.kind === kind).map(({ name }) => name));
      return { kind, cells: cells.filter(({ victim }) => names.has(victim)) };
    })
    .filter((group) => group.cells.length > 0);
}

/** A column for one metric. */
export interface KindColumn {
  name: string;
  metric: MetricName;
  show: (value: number) => string;
  /** Worth it where there is room only: not in a terminal. */
  wide?: boolean;
  /** The larger, the sooner it goes where a terminal has no room for all. */
  spare: number;
}

/** What is worth a column of victims of a kind beside what is worth one of all. */
export const kindColumns: { readonly [K in ModelKind]: readonly KindColumn[] } = {
  classifier: [
    { name: 'clean acc.', metric: 'cleanAccuracy', show: percent, spare: 3 },
    { name: 'acc. under attack', metric: 'robustAccuracy', show: percent, spare: 3, wide: true },
  ],
  autoencoder: [
    { name: 'rec. error', metric: 'reconstructionError', show: number, spare: 3 },
    { name: 'degradation', metric: 'reconstructionDegradation', show: signedPercent, spare: 1 },
  ],
  encoder: [{ name: 'emb. distance', metric: 'embeddingDistance', show: number, spare: 3 }],
};

/** What stands for a number that there is none of. */
export const none = '–';

export const showMetric = (metric: Metric | undefined, show: (value: number) => string): string =>
  metric?.value === undefined ? none : show(metric.value);
