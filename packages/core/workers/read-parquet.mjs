// Reads a parquet file in a thread that can be ended: the reader believes the lengths in a file, and a damaged one may keep it busy
// for ever, or fill the memory. Says which columns there are, is told which are wanted, and gives their rows.
import zlib from 'node:zlib';
import { parentPort, workerData } from 'node:worker_threads';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { decompressLz4, decompressLz4Raw, decompressZstd } from 'hyparquet-compressors';
import { checkPages } from './parquet-checksums.mjs';

const within = (decompress) => (input, length) => decompress(input, { maxOutputLength: Math.max(1, length) });
/** Snappy comes with the reader, zstd with Node.js from 22.15 on. */
const compressors = {
  GZIP: within(zlib.gunzipSync),
  BROTLI: within(zlib.brotliDecompressSync),
  ZSTD: zlib.zstdDecompressSync ? within(zlib.zstdDecompressSync) : (input) => decompressZstd(input),
  LZ4: decompressLz4,
  LZ4_RAW: decompressLz4Raw,
};

const file = await asyncBufferFromFile(workerData);
const metadata = await parquetMetadataAsync(file);
const wanted = new Promise((resolve) => parentPort.once('message', resolve));
parentPort.postMessage({
  names: parquetSchema(metadata).children.map(({ element }) => element.name),
  notes: metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value,
});
const columns = await wanted;
await checkPages(file, metadata, columns);
// Bytes without a type would become text.
const rows = await parquetReadObjects({ file, metadata, columns, utf8: false, compressors });
parentPort.postMessage(rows);
