import type { Card } from '@gauntlet/api';

/** One of TensorFlow.js' ways to compute. */
export interface TfjsBackend {
  /** TensorFlow.js' own name for it. */
  backend: string;
  /** What to do where it is missing. */
  remedy: string;
  /** Makes it the current backend; false or an exception where it cannot be. */
  start(card: Card): Promise<boolean>;
}
