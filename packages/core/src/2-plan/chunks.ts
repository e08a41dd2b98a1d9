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
