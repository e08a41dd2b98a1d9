import { createHash } from 'node:crypto';
import { defineVictim, GauntletError, reasonOf, tf } from '@gauntlet/api';
import { rowsOf } from './answer.js';
import { type HttpParams, httpParams } from './params.js';
import { secretsOf } from './secrets.js';
import { NoAnswer, post, turns } from './send.js';

/**
 * A model behind an address: a batch of images is posted as JSON, and scores or labels come back. What cannot be asked is
 * thrown, so that a sample without a true answer is never judged.
 */
export default defineVictim({
  name: 'http',
  version: 1,
  description: 'A model behind an HTTP address, which gives scores or labels',
  params: httpParams,
  open({ kind, imageShape, params }) {
    if (params.answer === 'labels' && (kind !== 'classifier' || params.classes === undefined))
      throw new GauntletError(
        'victim-http',
        'With answer: labels, the victim is a classifier and "classes" says how many classes it has.',
      );
    const ask = asker(params);
    const [h, w, c] = imageShape;
    return {
      hash: createHash('sha256').update(JSON.stringify(params)).digest('hex'),
      notes:
        params.cache > 0
          ? [
              'Answers are kept: whether the model says the same again is not looked at for images that come again.',
            ]
          : [],
      async predict(x) {
        const ordered = params.layout === 'nchw' ? tf.transpose(x, [0, 3, 1, 2]) : tf.clone(x);
        const { shape } = ordered;
        const values = (await ordered.data()) as Float32Array;
        ordered.dispose();
        const rows = await ask(values, shape);
        const width = rows[0].length;
        const flat = new Float32Array(rows.length * width);
        rows.forEach((row, i) => flat.set(row, i * width));
        const image = kind === 'autoencoder' && width === h * w * c;
        return tf.tensor(flat, image ? [rows.length, h, w, c] : [rows.length, width]);
      },
    };
  },
});

/** Asks for the rows of images [n, …], as many in one request as may be. */
function asker(params: HttpParams) {
  const secrets = secretsOf(process.env);
  const fill = (text: string) => secrets.fill(text);
  const hide = (text: string) => secrets.hide(text);
  const sending = {
    ...params,
    url: fill(params.url),
    headers: Object.fromEntries(Object.entries(params.headers).map(([name, value]) => [name, fill(value)])),
    turn: turns(params.rate),
    hide,
  };
  const kept = new Map<string, Float32Array>();
  let width: number | undefined;
  let sent = 0;

  const request = async (images: Float32Array[], shape: readonly number[]): Promise<Float32Array[]> => {
    const nested = images.map((image) => nest(image, shape));
    const turn = async () => {
      sent += images.length;
      if (params.queries !== undefined && sent > params.queries)
        throw new NoAnswer(`is not asked any more: the budget of ${params.queries} queries is spent`, {
          again: false,
        });
      await sending.turn();
    };
    try {
      return await post({ [params.input]: nested }, { ...sending, turn }, (answer) => {
        const rows = rowsOf(answer, images.length, params);
        width ??= rows[0].length;
        const other = rows.find((row) => row.length !== width);
        if (other)
          throw new NoAnswer(`answered ${other.length} numbers for an image, and ${width} for another`);
        return rows;
      });
    } catch (error) {
      throw new GauntletError('victim-http', hide(`${params.url} ${reasonOf(error)}.`));
    }
  };

  return async (values: Float32Array, [n, ...shape]: readonly number[]): Promise<Float32Array[]> => {
    const size = values.length / n;
    const images = Array.from({ length: n }, (_, i) => values.slice(i * size, (i + 1) * size));
    const keys =
      params.cache > 0 ? images.map((image) => createHash('sha1').update(image).digest('hex')) : [];
    const rows = images.map((_, i) => kept.get(keys[i]));
    const missing = [...rows.keys()].filter((i) => rows[i] === undefined);
    for (let from = 0; from < missing.length; from += params.batchSize) {
      const some = missing.slice(from, from + params.batchSize);
      const found = await request(
        some.map((i) => images[i]),
        shape,
      );
      some.forEach((i, k) => (rows[i] = found[k]));
    }
    for (const [i, key] of keys.entries()) {
      kept.delete(key);
      kept.set(key, rows[i]!);
      if (kept.size > params.cache) kept.delete(kept.keys().next().value!);
    }
    return rows as Float32Array[];
  };
}

/** Numbers as lists in lists: those of `shape`, from `start` on. */
function nest(values: Float32Array, shape: readonly number[], start = 0, depth = 0): unknown[] {
  const list: unknown[] = new Array(shape[depth]!);
  const part = shape.slice(depth + 1).reduce((a, b) => a * b, 1);
  for (let i = 0; i < list.length; i++) {
    const at = start + i * part;
    list[i] = depth + 1 < shape.length ? nest(values, shape, at, depth + 1) : values[at];
  }
  return list;
}
