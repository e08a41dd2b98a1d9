import type { EngineModel, ImageOrder } from '@gauntlet/api';
import type { Graph } from '@gauntlet/onnx-gradient';

/** A victim as an ONNX graph whose values have the engine's own names, and what was found out about it. */
export interface VictimGraph {
  /** Input `names.x` [n, …inputShape] float32; outputs `names.output` and, with a convolution, features. */
  graph: Graph;
  /** The same function of whole numbers, with what lies between them: what gradients are of, where `graph` rounds its input. */
  between?: Graph;
  /** Why it cannot be differentiated, where that is known before anything is tried. */
  noGradient?: string;
  inputShape: readonly number[];
  /** Of a flat input or output, where the file tells. */
  flatOrder?: ImageOrder;
  softmaxRemoved: boolean;
  /** As of `EngineModel`. */
  sigmoid?: EngineModel['sigmoid'];
  /** What features are taken from. */
  convolution?: string;
  hash: string;
  notes: readonly string[];
  /** As messages name it. */
  file: string;
  /** Steps on the way to the output that gradients pass straight through; absent where that was not asked for. */
  straightThrough?: readonly string[];
  /** Rows that the graph takes at once, where that cannot be changed. */
  fixedBatch?: number;
}
