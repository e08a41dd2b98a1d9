import type { Emitter, Value, Weight } from './emitter.js';

/** What a layer's `getConfig()` gives, as far as it is read here. */
export interface LayerConfig {
  activation?: string;
  alpha?: number;
  axis?: number | number[];
  center?: boolean;
  cropping?: number[][];
  dataFormat?: string;
  dilationRate?: number | number[];
  dims?: number[];
  epsilon?: number;
  interpolation?: string;
  maxValue?: number | null;
  offset?: number;
  padding?: string;
  poolSize?: number | number[];
  scale?: boolean | number;
  size?: number[];
  strides?: number | number[] | null;
  targetShape?: number[];
  theta?: number;
}

/** How a layer of TensorFlow.js is written in ONNX. Its activation, where it has one, is added by the caller. */
export type Lowering = (e: Emitter, inputs: Value[], config: LayerConfig, weights: Weight[]) => Value;
