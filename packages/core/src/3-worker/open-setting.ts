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

/** Victims that a worker keeps: that of its task, and the one before, whose chunks may still come. */
const keptVictims = 2;

/** What one worker has opened: each dataset once, and the last victims. For one task at a time. */
export class OpenSettings {
  readonly #datasets = new Map<string, Promise<Dataset>>();
  /** The one that was used last comes last. */
  readonly #settings = new Map<string, Promise<Opened>>();

  /** @param anew Reads model and data again, as at the beginning of a run: a worker may have served another before. */
  async open(setting: Setting, anew = false): Promise<Opened> {
    const { victim, dataset, seed, estimator } = setting;
    // Another victim's engine may have been the last one here, and tensors live on its backend.
    await makeCurrent(victim);
    const key = JSON.stringify([victim, dataset, seed, estimator]);
    if (anew) {
      await this.#close(key);
      this.#datasets.delete(JSON.stringify([dataset, seed]));
    }
    const found = this.#settings.get(key);
    this.#settings.delete(key);
    const oldest = [...this.#settings.keys()].slice(0, Math.max(0, this.#settings.size - keptVictims + 1));
    for (const one of oldest) await this.#close(one);
    const opened = found ?? this.#openNew(setting);
    this.#settings.set(key, opened);
    return opened;
  }

  /** Frees what is held. */
  async close(): Promise<void> {
    for (const key of [...this.#settings.keys()]) await this.#close(key);
    this.#datasets.clear();
  }

  async #openNew({ victim: config, dataset: data, seed, estimator }: Setting): Promise<Opened> {
    const key = JSON.stringify([data, seed]);
    const reading = this.#datasets.get(key) ?? openDataset(data, seed);
    this.#datasets.set(key, reading);
    const dataset = await reading;
    const { victim, info } = await openVictim(config, dataset.imageShape);
    checkLabels(config, dataset, info);
    const plugin = estimator && (await loadPlugin('estimator', estimator.plugin));
    const yardstick = await plugin?.open(estimator?.params);
    return { victim, info: { ...info, notes: [...info.notes, ...dataset.notes] }, dataset, yardstick };
  }

  async #close(key: string): Promise<void> {
    const opened = this.#settings.get(key);
    this.#settings.delete(key);
    // One that could not be opened holds nothing.
    await opened?.then(({ victim }) => victim.dispose()).catch(() => {});
  }
}

function checkLabels(victim: Setting['victim'], dataset: Dataset, info: VictimInfo): void {
  if (victim.kind !== 'classifier') return;
  const labels = dataset.labels(dataset.indices);
  const sets = dataset.labelSets(dataset.indices);
  if (victim.multiLabel) return checkLabelSets(victim.name, sets, labels, info);
  if (!labels && sets)
    throw new GauntletError(
      'dataset-labels',
      `${victim.name} is a classifier with one label, and the dataset has several for an image: labels [n, ${sets.width}] of 0 and 1. If the model says of each label whether it is true, write multiLabel: true; otherwise give it one class for each image.`,
    );
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

function checkLabelSets(
  name: string,
  sets: ReturnType<Dataset['labelSets']>,
  labels: Int32Array | undefined,
  { classes }: VictimInfo,
): void {
  if (!sets)
    throw new GauntletError(
      'dataset-labels',
      `${name} is multi-label, and the dataset has ${labels ? 'one class for each image' : 'no labels'}. Give it labels [n, ${classes}] of 0 and 1 (npy, npz or parquet), or leave "multiLabel" out.`,
    );
  if (sets.width !== classes)
    throw new GauntletError(
      'dataset-labels',
      `The dataset has ${sets.width} labels for an image; ${name} decides on ${classes}.`,
    );
}
