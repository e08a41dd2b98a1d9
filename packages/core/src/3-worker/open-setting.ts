import { GauntletError, type Yardstick } from '@gauntlet/api';
import { type Dataset, openDataset } from '../datasets/open-dataset.js';
import { makeCurrent } from '../engines/open-engine.js';
import { loadPlugin } from '../plugins/load-plugin.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import { openVictim, type VictimInfo } from '../victims/open-victim.js';
import type { Setting } from './task.js';

/** What a worker has at hand for a task. */
export interface Opened {
  victim: LoadedVictim;
  info: VictimInfo;
  dataset: Dataset;
  yardstick?: Yardstick;
}

/** What one worker has opened, each victim and dataset once; a new one begins with `new Map()`. */
export type OpenSettings = Map<string, Promise<Opened>>;

export async function openSetting(
  { victim, dataset, seed, estimator }: Setting,
  opened: OpenSettings,
): Promise<Opened> {
  // Another victim's engine may have been the last one here, and tensors live on its backend.
  await makeCurrent(victim);
  const key = JSON.stringify([victim, dataset, seed, estimator]);
  let found = opened.get(key);
  if (!found) {
    found = open({ victim, dataset, seed, estimator });
    opened.set(key, found);
  }
  return found;
}

/** Frees what a worker holds. */
export async function closeSettings(opened: OpenSettings): Promise<void> {
  for (const result of await Promise.allSettled(opened.values()))
    if (result.status === 'fulfilled') result.value.victim.dispose();
  opened.clear();
}

async function open(setting: Setting): Promise<Opened> {
  const dataset = await openDataset(setting.dataset, setting.seed);
  const { victim, info } = await openVictim(setting.victim, dataset.imageShape);
  checkLabels(setting, dataset, info);
  const { estimator } = setting;
  const plugin = estimator && (await loadPlugin('estimator', estimator.plugin));
  const yardstick = await plugin?.open(estimator?.params);
  return { victim, info, dataset, yardstick };
}

function checkLabels({ victim }: Setting, dataset: Dataset, info: VictimInfo): void {
  if (victim.kind !== 'classifier') return;
  const labels = dataset.labels(dataset.indices);
  if (!labels)
    throw new GauntletError(
      'dataset-labels',
      `${victim.name} is a classifier, and the dataset has no labels. Name its label file.`,
    );
  const largest = labels.reduce((a, b) => Math.max(a, b), 0);
  if (largest >= info.classes) {
    throw new GauntletError(
      'dataset-labels',
      `The dataset has the label ${largest}; ${victim.name} has ${info.classes} classes (0 to ${info.classes - 1}).`,
    );
  }
}
