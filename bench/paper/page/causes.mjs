import { publishedReconstruction } from '../published.mjs';
import { number, roughly, shareOf, shareOrWords, spread, table } from './format.mjs';

/** One setting at a time, and the success rate that it gives beside the paper's. */
export function causesPart({ dataset, rows }) {
  const paper = publishedReconstruction[dataset];
  // Rows of one model together, as they stand in the plan.
  const models = [...new Set(rows.map(({ autoencoder, model }) => `${autoencoder}, ${model}`))].sort(
    (a, b) => Number(b.startsWith('dense')) - Number(a.startsWith('dense')),
  );
  const place = ({ autoencoder, model }) => models.indexOf(`${autoencoder}, ${model}`);
  return table(
    [
      'autoencoder',
      'model',
      'test error',
      'variance kept',
      'attack',
      'n',
      'ASR, % [95 %]',
      'L2',
      'paper: ASR',
    ],
    [0, 0, 1, 1, 0, 1, 1, 1, 1],
    rows
      .toSorted((a, b) => place(a) - place(b))
      .map(({ autoencoder, model, testError, variance, change, asr, l2 }) => [
        autoencoder,
        model,
        number(testError),
        roughly(variance),
        change,
        asr.n,
        shareOf(asr),
        spread(l2),
        shareOrWords(paper?.[autoencoder]?.[change.split(',')[0]]?.asr),
      ]),
  );
}
