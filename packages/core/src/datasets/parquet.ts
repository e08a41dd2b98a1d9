import { GauntletError, type ImageSource, reasonOf } from '@gauntlet/api';
import { decodeBytes } from './images/decode-image.js';
import { encodedImages } from './images/encoded-images.js';
import type { Fitting } from './images/fit.js';
import { labelRows, labelsOf } from './labels.js';
import { readParquetRows } from './parquet-thread.js';
import { assertFile, wrongFile } from './read-bytes.js';

export interface ParquetConfig extends Fitting {
  files: string[];
  imagesKey?: string;
  labelsKey?: string;
  /** Whether photos are turned upright; true by default. */
  exif?: boolean;
}

/** What data sets on the Hugging Face Hub call them; the first that is there is taken. */
const usualImages = ['image', 'img', 'images'];
const usualLabels = ['label', 'labels', 'fine_label'];

interface EncodedImage {
  name: string;
  bytes: Uint8Array;
}

/**
 * Parquet files as Hugging Face's `datasets` writes them: a column of encoded images, {bytes, path} each, and one of class
 * indices. The images of all rows are kept in memory as they are encoded.
 */
export async function readParquet(config: ParquetConfig): Promise<ImageSource> {
  const parts: Awaited<ReturnType<typeof readFile>>[] = [];
  for (const file of config.files) parts.push(await readFile(file, config));
  const [{ taken, classNames }] = parts;
  const images = parts.flatMap((part) => part.images);
  if (images.length === 0) throw wrongFile(config.files.join(', '), 'images', 'no row');
  const decode = ({ name, bytes }: EncodedImage) => decodeBytes(name, () => bytes, config.exif ?? true);
  const labelled = parts.every(({ truth }) => truth);
  return {
    ...(await encodedImages(images, decode, config)),
    ...(labelled && joined(parts.map(({ truth }) => truth!))),
    classNames,
    notes: taken.map((each) => `${each} of the parquet file, which the spec does not name.`),
  };
}

async function readFile(file: string, config: ParquetConfig) {
  assertFile(file);
  let imagesKey: string | undefined;
  let labelsKey: string | undefined;
  let classNames: string[] | undefined;
  try {
    const rows = await readParquetRows(file, ({ names, notes }) => {
      imagesKey = columnOf(file, names, config.imagesKey, usualImages);
      if (imagesKey === undefined)
        throw wrongFile(file, 'a column of images named by "imagesKey"', names.join(', '));
      labelsKey = columnOf(file, names, config.labelsKey, usualLabels);
      if (labelsKey === undefined) return [imagesKey];
      classNames = classNamesOf(notes, labelsKey);
      return [imagesKey, labelsKey];
    });
    const taken = [
      ...(config.imagesKey === undefined ? [`Images are the column "${imagesKey}"`] : []),
      ...(config.labelsKey === undefined && labelsKey !== undefined
        ? [`Labels are the column "${labelsKey}"`]
        : []),
    ];
    return {
      taken,
      images: rows.map((row, i) => encoded(`${file}#${i}`, row[imagesKey!])),
      truth: labelsKey === undefined ? undefined : truthOf(`${file}#${labelsKey}`, rows, labelsKey),
      classNames,
    };
  } catch (error) {
    if (error instanceof GauntletError) throw error;
    throw new GauntletError('dataset-format', refusal(file, error), { cause: error });
  }
}

/** The reader's own words where it knows what is wrong; otherwise it has stumbled over what a part promised. */
function refusal(file: string, error: unknown): string {
  const { name, code } = error as { name?: string; code?: string };
  const stumbled = name === 'TypeError' || name === 'RangeError' || code === 'ERR_WORKER_OUT_OF_MEMORY';
  const reason = stumbled ? 'its parts do not fit together' : reasonOf(error);
  return /compression codec/.test(reason)
    ? `${file} cannot be unpacked here (${reason}). Write it with compression: snappy, or use a newer Node.js.`
    : `${file} is no parquet file, or a damaged one (${reason}). Download it, or write it, again.`;
}

function columnOf(
  file: string,
  names: readonly string[],
  stated: string | undefined,
  usual: readonly string[],
) {
  if (stated === undefined) return usual.find((name) => names.includes(name));
  if (names.includes(stated)) return stated;
  throw wrongFile(file, `a column "${stated}"`, names.join(', '));
}

/** {bytes, path}, or bytes alone. */
function encoded(name: string, cell: unknown): EncodedImage {
  const { bytes = cell, path } = (cell ?? {}) as { bytes?: unknown; path?: unknown };
  if (bytes instanceof Uint8Array) return { name, bytes };
  throw wrongFile(
    name,
    'an encoded image (PNG, JPEG, …) as {bytes, path}',
    typeof path === 'string'
      ? `the path ${path} without bytes; Dataset.to_parquet writes both`
      : `${cell === null || cell === undefined ? 'nothing' : typeof cell}; save the column as datasets.Image()`,
  );
}

type Truth = Pick<ImageSource, 'labels' | 'labelSets'>;

/** Class indices, or lists of 0 and 1, one for each label. */
function truthOf(name: string, rows: readonly Record<string, unknown>[], key: string): Truth {
  const values = rows.map((row) => row[key]);
  const first = values[0];
  const number = (value: unknown) => (typeof value === 'bigint' ? Number(value) : (value as number));
  if (!Array.isArray(first)) return { labels: labelsOf(name, values.map(number)) };
  const width = first.length;
  const other = values.findIndex((list) => !Array.isArray(list) || list.length !== width);
  if (other >= 0)
    throw wrongFile(
      name,
      `lists of ${width} numbers, 0 or 1 for each label, as in row 0`,
      `another length in row ${other}; lists of the labels that are true have to be spread out first`,
    );
  return labelRows(name, (values as unknown[][]).flat().map(number), width);
}

/** The labels of several files, one after the other. */
function joined(parts: readonly Truth[]): Truth {
  const classes = parts.every(({ labels }) => labels);
  const sets = parts.map(({ labelSets }) => labelSets).filter((one) => one !== undefined);
  const widths = new Set(sets.map(({ width }) => width));
  return {
    ...(classes && { labels: Int32Array.from(parts.flatMap(({ labels }) => [...labels!])) }),
    ...(sets.length === parts.length &&
      widths.size === 1 && {
        labelSets: {
          width: sets[0].width,
          values: Uint8Array.from(sets.flatMap(({ values }) => [...values])),
        },
      }),
  };
}

/** Names of a ClassLabel, from what `datasets` writes beside the schema. */
function classNamesOf(notes: string | undefined, labelsKey: string): string[] | undefined {
  try {
    const { info } = JSON.parse(notes ?? '{}') as {
      info?: { features?: Record<string, { names?: unknown }> };
    };
    const names = info?.features?.[labelsKey]?.names;
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
  } catch {
    return undefined;
  }
}
