import type { ParamsOf, ParamsSchema } from '../params.js';
import { asPlugin, type Contracted, type PluginDescription } from './contract.js';
import type { ImageSource } from './image-source.js';

/** What `defineDataset` takes: images with options of schema S. */
export interface DatasetDefinition<S extends ParamsSchema> extends PluginDescription<S> {
  load(params: ParamsOf<S>): ImageSource | Promise<ImageSource>;
}

/** A dataset as the runner handles it, whatever its options are. */
export interface DatasetPlugin extends Contracted<'dataset'>, PluginDescription {
  load(params: unknown): ImageSource | Promise<ImageSource>;
}

/** Declares images that a package brings; `dataset: { format: plugin, use: package#name, params }` in a spec loads them. */
export function defineDataset<const S extends ParamsSchema>(definition: DatasetDefinition<S>): DatasetPlugin {
  return asPlugin('dataset', definition) as unknown as DatasetPlugin;
}
