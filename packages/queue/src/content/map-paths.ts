import type { ChunkTask } from '@gauntlet/core';

/** What a path of a task, or the address of a plugin's module, becomes. */
export interface PathMap {
  file: (path: string) => Promise<string>;
  plugin: (url: string) => Promise<string>;
}

/** Every place on a machine that a task names, replaced; the one list of them, for both ends of a queue. */
export async function mapPaths(task: ChunkTask, map: PathMap): Promise<ChunkTask> {
  const { attack, victim, estimator, examples } = task;
  const { criterion } = attack;
  const withPlugin = async <T extends { plugin: { url: string; name?: string } }>(one: T): Promise<T> => ({
    ...one,
    plugin: { ...one.plugin, url: await map.plugin(one.plugin.url) },
  });
  return {
    ...task,
    victim: {
      ...victim,
      model: victim.source ? victim.model : await map.file(victim.model),
      // Which files a plugin reads in the folder of the spec nobody knows: it has to be at the same path.
      ...(victim.source && { source: await withPlugin(victim.source) }),
      ...(victim.engineSource && { engineSource: await withPlugin(victim.engineSource) }),
    },
    dataset: await mapDataset(task.dataset, map, withPlugin),
    attack: { ...(await withPlugin(attack)), ...(criterion && { criterion: await withPlugin(criterion) }) },
    ...(estimator && { estimator: await withPlugin(estimator) }),
    ...(examples && { examples: { ...examples, file: await map.file(examples.file) } }),
  };
}

type Dataset = ChunkTask['dataset'];

async function mapDataset(
  data: Dataset,
  { file }: PathMap,
  withPlugin: <T extends { plugin: { url: string } }>(one: T) => Promise<T>,
): Promise<Dataset> {
  const { format } = data;
  switch (format) {
    case 'idx':
    case 'npy':
      return {
        ...data,
        images: await file(data.images),
        ...(data.labels !== undefined && { labels: await file(data.labels) }),
      };
    case 'cifar10':
    case 'parquet':
      return { ...data, files: await Promise.all(data.files.map(file)) };
    case 'npz':
    case 'svhn':
      return { ...data, file: await file(data.file) };
    case 'cifar10-c':
      return { ...data, path: await file(data.path) };
    case 'folder':
      return {
        ...data,
        path: await file(data.path),
        ...(data.classIndex !== undefined && { classIndex: await file(data.classIndex) }),
      };
    case 'plugin':
      return withPlugin(data);
  }
}
