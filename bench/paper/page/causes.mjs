import { publishedReconstruction } from '../published.mjs';
import { number, percent, shareOf, spread, table } from './format.mjs';

/** One setting at a time, and the success rate that it gives beside the paper's. */
export function causesPart({ dataset, rows }) {
  const published = publishedReconstruction[dataset];
  // Rows of one model together, as they stand in the plan.
  const models = [...new Set(rows.map(({ autoencoder, model }) => `${autoencoder}, ${model}`))].sort(
    (a, b) => Number(b.startsWith('dense')) - Number(a.startsWith('dense')),
  );
  const place = ({ autoencoder, model }) => models.indexOf(`${autoencoder}, ${model}`);
  return table(
    ['autoencoder', 'model', 'test error', 'attack', 'n', 'ASR, % [95 %]', 'L2', 'paper: ASR'],
    [0, 0, 1, 0, 1, 1, 1, 1],
    rows
      .toSorted((a, b) => place(a) - place(b))
      .map(({ autoencoder, model, testError, change, asr, l2 }) => [
        autoencoder,
        model,
        number(testError),
        change,
        asr.n,
        shareOf(asr),
        spread(l2),
        percent(published?.[autoencoder]?.[change.split(',')[0]]?.asr),
      ]),
  );
}
