import type { PluginReference } from '../plugins/load-plugin.js';

/** An engine that is not built in, as a worker opens it. Plain data. */
export interface EngineSource {
  plugin: PluginReference;
  version: number;
  device: string;
  graphicsCard: boolean;
  setsBackend: boolean;
  params: Record<string, unknown>;
}

/** What computes a victim. */
export interface EngineChoice {
  /** As reports call it: `onnx:cpu`. Or `auto`. */
  engine: string;
  /** Absent for an engine that is built in. */
  engineSource?: EngineSource;
}
