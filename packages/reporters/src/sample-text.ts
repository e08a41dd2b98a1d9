import type { Outcome } from '@gauntlet/api';
import { number, percent, plain } from './text.js';

/** Prediction or reconstruction error before and under attack. */
export function changeOf(one: Outcome, classNames: readonly string[] | undefined): string {
  if (one.reconstructionError !== undefined)
    return `reconstruction error ${number(one.cleanReconstructionError!)} → ${number(one.reconstructionError)}`;
  if (one.embeddingDistance !== undefined)
    return `embedding moved by a cosine distance of ${number(one.embeddingDistance)}`;
  if (one.cleanPredictions) return setsOf(one, classNames);
  const named = (k: number | undefined) => (k === undefined ? '–' : nameOf(k, classNames));
  return `${named(one.cleanPrediction)}${sure(one.cleanConfidence)} → ${named(one.prediction)}${sure(one.confidence)}`;
}

const nameOf = (k: number, classNames: readonly string[] | undefined) =>
  plain(classNames?.[k] ?? String(k), 30);

const sure = (value: number | undefined) => (value === undefined ? '' : ` (${percent(value)})`);

/** Labels that a set has at most, written out. */
const most = 6;

/** What a multi-label victim says is true, before and under attack. */
function setsOf(
  { cleanPredictions, cleanConfidence, predictions, confidence }: Outcome,
  classNames: readonly string[] | undefined,
): string {
  const named = (set: readonly number[] | undefined) => {
    if (!set) return '–';
    const more = set.length > most ? [`${set.length - most} more`] : [];
    return `{${[...set.slice(0, most).map((k) => nameOf(k, classNames)), ...more].join(', ')}}`;
  };
  return `${named(cleanPredictions)}${sure(cleanConfidence)} → ${named(predictions)}${sure(confidence)}`;
}
