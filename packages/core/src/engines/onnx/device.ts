/**
 * Which of several cards this worker uses: workers have stable numbers from 1, and take turns. A card that
 * CUDA_VISIBLE_DEVICES does not show does not count.
 */
export function deviceOfWorker(): number {
  const shown = process.env.CUDA_VISIBLE_DEVICES?.split(',').filter((each) => each.trim() !== '');
  const count = Number(process.env.GAUNTLET_DEVICES ?? shown?.length ?? 1);
  const worker = Number(process.env.TINYPOOL_WORKER_ID ?? 1);
  return (worker - 1) % Math.max(1, count);
}
