/** What a process that tried an engine says about it, as one line of JSON on its standard output. */
export interface Trial {
  /** Why it cannot start. */
  error?: string;
  /** Image-gradients a second on a small built-in network: 28×28, two convolutions, 32 images at a time. */
  rate?: number;
}
