import { type EngineModel, type ModelSource, tf } from '@gauntlet/api';
import { freeBatch, type Graph } from '@gauntlet/onnx-gradient';
import { naming, type OnnxFile, readOnnxFile, victimOf } from './onnx-file.js';
import { OnnxModel } from './onnx-model.js';
import type { SessionPlace } from './session.js';
import { batchSymbol, settleSizes } from './settle-sizes.js';

/**
 * Opens an `.onnx` file. One that was exported for a fixed batch is rewritten to take any, and compared with the file itself:
 * if they agree, it takes any. Otherwise the file is run as it is, in loops of its own batch size, and says so. One that was
 * dynamically quantised takes its ranges from all images of a batch: it is asked about one at a time, or it would say of an image what
 * depends on the others.
 */
export const openOnnxFile = (
  source: ModelSource,
  place: SessionPlace,
  engine: string,
): Promise<EngineModel> =>
  opened(source, place, engine).catch((error: unknown) =>
    naming(source.path, () => {
      throw error;
    }),
  );

async function opened(source: ModelSource, place: SessionPlace, engine: string): Promise<EngineModel> {
  const file = readOnnxFile(source);
  const open = (graph: Graph, fixed?: { fixedBatch: number; note: string }) => {
    const victim = naming(source.path, () => victimOf(file, graph, source));
    const notes = fixed ? [...victim.notes, fixed.note] : victim.notes;
    return new OnnxModel({ ...victim, notes, fixedBatch: fixed?.fixedBatch }, place, engine);
  };
  const batch = file.input.dims?.[0];
  const settled = await settleSizes(file.graph, source);
  const dynamic = settled.nodes.some(({ op }) => op === 'DynamicQuantizeLinear');
  if (dynamic && (typeof batch !== 'number' || batch === 1))
    return open(settled, { fixedBatch: 1, note: dynamicNote });
  if (typeof batch !== 'number') return open(settled);
  // Freed, a dynamically quantised file would take its ranges from more images than it says.
  const free = dynamic ? undefined : await freed(settled, source, open);
  const note = `The model takes ${batch} ${batch === 1 ? 'image' : 'images'} at a time and no more: it runs in a loop, slowly. Export it with a dynamic batch.`;
  const original = open(settled, { fixedBatch: batch, note });
  if (free && (await agree(free, original, batch))) {
    original.dispose();
    return free;
  }
  free?.dispose();
  return original;
}

const dynamicNote =
  'The model is dynamically quantised, with ranges that are those of all images of a batch (DynamicQuantizeLinear): it is asked about one image at a time.';

/** Undefined where the rewritten graph cannot even be opened. */
async function freed(
  graph: OnnxFile['graph'],
  source: ModelSource,
  open: (graph: Graph) => OnnxModel,
): Promise<OnnxModel | undefined> {
  try {
    return open(await settleSizes(freeBatch(graph, batchSymbol), source));
  } catch {
    return undefined;
  }
}

/** Two batches at once by the rewritten graph, and one after the other by the file. */
async function agree(free: OnnxModel, original: OnnxModel, batch: number): Promise<boolean> {
  // Sizes that the model leaves open are not known here.
  if (!free.inputShape.every((size) => size > 0)) return false;
  const x = tf.randomUniform([2 * batch, ...free.inputShape], 0, 1, 'float32', 1);
  const expected = await original.predict(x);
  try {
    const found = await free.predict(x);
    const [a, b] = [(await found.data()) as Float32Array, (await expected.data()) as Float32Array];
    tf.dispose(found);
    return (
      a.length === b.length &&
      b.every((value, i) => Math.abs(value - a[i]) <= 1e-4 * Math.max(1, Math.abs(value)))
    );
  } catch {
    // ONNX Runtime refuses shapes that do not fit.
    return false;
  } finally {
    tf.dispose([x, expected]);
  }
}
