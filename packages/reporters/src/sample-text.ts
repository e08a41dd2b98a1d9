import type { Outcome } from '@gauntlet/api';
import { number, percent, plain } from './text.js';

/** Prediction or reconstruction error before and under attack. */
export function changeOf(one: Outcome, classNames: readonly string[] | undefined): string {
  if (one.reconstructionError !== undefined)
    return `reconstruction error ${number(one.cleanReconstructionError!)} → ${number(one.reconstructionError)}`;
  if (one.embeddingDistance !== undefined)
    return `embedding moved by a cosine distance of ${number(one.embeddingDistance)}`;
  const named = (k: number | undefined) => (k === undefined ? '–' : plain(classNames?.[k] ?? String(k), 30));
  const sure = (value: number | undefined) => (value === undefined ? '' : ` (${percent(value)})`);
  return `${named(one.cleanPrediction)}${sure(one.cleanConfidence)} → ${named(one.prediction)}${sure(one.confidence)}`;
}
