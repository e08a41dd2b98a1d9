import type { ParamsSchema } from '../params.js';

/**
 * Version of the contract between plugins and the runner. `define…` writes it into every plugin; the runner refuses
 * plugins of another one.
 */
export const contractVersion = 1;

/** A definition as a plugin of its kind. From here on options are plain data, checked against the schema at run time. */
export const asPlugin = <K extends string, D extends object>(kind: K, definition: D) => ({
  kind,
  contract: contractVersion,
  ...definition,
});

/** What `asPlugin` adds. */
export interface Contracted<K extends string> {
  kind: K;
  contract: number;
}

/** What a plugin of any kind says of itself. */
export interface PluginDescription<S extends ParamsSchema = ParamsSchema> {
  /** Lower-case, as in a spec's `use`. */
  name: string;
  /** Counts up whenever the same options give other results. */
  version: number;
  description: string;
  /** Its options: validated like those of Gauntlet itself. Defaults live here and nowhere else. */
  params: S;
}
