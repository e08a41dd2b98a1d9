import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const nvidia = '/proc/driver/nvidia/gpus';

/** Numbers of the NVIDIA cards that may be used: those that CUDA_VISIBLE_DEVICES shows, or all. */
export function visibleCards(environment = process.env): string[] {
  const shown = environment.CUDA_VISIBLE_DEVICES;
  if (shown !== undefined) return shown.split(',').filter((each) => each.trim() !== '');
  return existsSync(nvidia) ? readdirSync(nvidia).map((_, i) => String(i)) : [];
}

const onGpu = (engine: string) => /cuda|gpu|dml|coreml/.test(engine);

/** One worker per card, or per core for engines that compute there; `-j` asks for more or less. */
export function defaultWorkers(engines: readonly string[]): number {
  return engines.some(onGpu) ? Math.max(1, visibleCards().length) : availableParallelism();
}

/** Which of the visible cards this worker uses: workers have stable numbers from 1, and take turns. */
export function cardOfWorker(environment = process.env): number {
  const worker = Number(environment.GAUNTLET_WORKER ?? 1);
  return (worker - 1) % Math.max(1, visibleCards(environment).length);
}
