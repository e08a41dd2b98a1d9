import type { ParamsSchema } from '../attacks/params.js';
import type { ImageSource } from './source.js';

/** A dataset that a package brings: generated images, or a format core does not read. */
export interface DatasetPlugin {
  kind: 'dataset';
  name: string;
  description: string;
  params: ParamsSchema;
  load(params: Record<string, unknown>): ImageSource | Promise<ImageSource>;
}

/** Declares a dataset plugin; `dataset: { use: 'package#name', params }` in a spec loads it. */
export function defineDataset(plugin: Omit<DatasetPlugin, 'kind'>): DatasetPlugin {
  return { kind: 'dataset', ...plugin };
}
