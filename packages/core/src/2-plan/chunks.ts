import type { FeatureSource } from '@gauntlet/api';

export interface ChunkLimits {
  /** What one worker may hold, in bytes. */
  memory: number;
  bytesPerSample: number;
  /** Largest chunk whatever the memory. */
  batchSize: number;
  workers: number;
}

/** Splits samples into what one worker does in one go: as large as memory allows, and enough for all workers. */
export function makeChunks(indices: readonly number[], limits: ChunkLimits): number[][] {
  const byMemory = Math.floor(limits.memory / limits.bytesPerSample);
  const byWorkers = Math.ceil(indices.length / limits.workers);
  const size = Math.max(1, Math.min(limits.batchSize, byMemory, byWorkers));
  const chunks: number[][] = [];
  for (let from = 0; from < indices.length; from += size) chunks.push(indices.slice(from, from + size));
  return chunks;
}

/** Copies of an input that a chunk has at once: clean, perturbed, best so far, gradient, and those in between. */
const copiesOfInput = 12;
/** Sizes of an input that mutual information takes where it looks at patches: nine values for each, three times. */
const copiesInPatches = 27;

/** Bytes that a sample takes beside those of victim and attack; measured with inputs of 512×512×3: 112 MB, 36 copies. */
export function bytesOfRunner(inputShape: readonly number[], features: FeatureSource): number {
  const values = inputShape.reduce((a, b) => a * b, 1);
  return 4 * values * (copiesOfInput + (features.kind === 'patches' ? copiesInPatches : 0));
}
