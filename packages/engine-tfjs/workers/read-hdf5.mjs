// Reads groups of an HDF5 file in a thread that can be ended: the HDF5 library believes the lengths in a file, and a damaged one may
// keep it busy for ever, or fill the memory. The file is copied into the library's memory, where a link out of it leads nowhere.
import { parentPort, workerData } from 'node:worker_threads';
import h5wasm from 'h5wasm';

const { bytes, groups } = workerData;
const [deepest, mostEntries] = [64, 100_000];

const { FS } = await h5wasm.ready;
FS.writeFile('/model.h5', bytes);
const file = new h5wasm.File('/model.h5', 'r');
const attributes = { '': textsOf(file) };
const weights = [];
let [entries, left] = [0, bytes.byteLength];
for (const name of groups) {
  const group = file.get(name);
  if (group instanceof h5wasm.Group) visit(group, name, 0);
}
parentPort.postMessage({ attributes, weights });

function visit(group, path, depth) {
  if (depth > deepest) throw new Error(`its groups are nested more than ${deepest} deep`);
  attributes[path] = textsOf(group);
  for (const name of group.keys()) {
    if (++entries > mostEntries) throw new Error(`it has more than ${mostEntries} entries`);
    const [entry, at] = [group.get(name), `${path}/${name}`];
    if (entry instanceof h5wasm.Group) visit(entry, at, depth + 1);
    else if (entry instanceof h5wasm.Dataset) read(entry, at);
  }
}

/** Keras writes weights as they are, so that they take no more bytes than the file has. */
function read(dataset, path) {
  if (dataset.dtype !== '<f') return;
  const shape = dataset.shape ?? [];
  left -= 4 * shape.reduce((a, b) => a * b, 1);
  if (!(left >= 0)) throw new Error('its weights take more bytes than the file has');
  const { value } = dataset;
  weights.push({ path, shape, values: typeof value === 'number' ? Float32Array.of(value) : value });
}

/** Attributes that are a text or a list of texts. */
function textsOf(group) {
  const isText = (value) => typeof value === 'string';
  const all = Object.entries(group.attrs).map(([name, attribute]) => [name, attribute.value]);
  return Object.fromEntries(
    all.filter(([, value]) => isText(value) || (Array.isArray(value) && value.every(isText))),
  );
}
