import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { builtInEngines } from './built-in.js';
import { deviceOf, splitEngineName } from './engine-names.js';
import type { EngineChoice } from './engine-source.js';

const nvidia = '/proc/driver/nvidia/gpus';

/** Numbers of the NVIDIA cards that may be used: those that CUDA_VISIBLE_DEVICES shows, or all. */
export function visibleCards(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string[] {
  const shown = environment.CUDA_VISIBLE_DEVICES;
  if (shown !== undefined) return shown.split(',').filter((each) => each.trim() !== '');
  return existsSync(nvidia) ? readdirSync(nvidia).map((_, i) => String(i)) : [];
}

/** A built-in engine's, by name. */
export function onGraphicsCard(name: string): boolean {
  const { use, device } = splitEngineName(name);
  const plugin = builtInEngines.find((engine) => engine.name === use);
  return plugin !== undefined && deviceOf(use, plugin, device).graphicsCard === true;
}

/** One worker per card, or per core for engines that compute there; `-j` asks for more or less. */
export function defaultWorkers(engines: readonly EngineChoice[]): number {
  const onCards = engines.some(({ engine, engineSource }) =>
    engineSource ? engineSource.graphicsCard : onGraphicsCard(engine),
  );
  return onCards ? Math.max(1, visibleCards().length) : availableParallelism();
}

/** Which of the visible cards this worker uses: workers have stable numbers from 1, and take turns. */
export function cardOfWorker(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): number {
  const worker = Number(environment.GAUNTLET_WORKER ?? 1);
  return (worker - 1) % Math.max(1, visibleCards(environment).length);
}
