/** What a few samples of the data showed of a victim before any attack. Numbers that do not apply are absent. */
export interface Examination {
  /** How many samples were looked at. */
  samples: number;
  /** Why the victim could not be examined. */
  error?: string;
  /** Smallest and largest value of their inputs. */
  range: [number, number];
  /** Largest difference between passes over the same batch, as a share of the largest output. */
  repeat?: number;
  /** The same between a sample in the batch and alone. */
  alone?: number;
  /** Samples whose outputs are one number at the predicted class and another at all others. */
  hardLabels?: number;
  /** Samples whose logits are probabilities themselves. */
  probabilities?: number;
  /** Median over the samples of largest minus second largest logit. */
  margin?: number;
  /**
   * How far outputs follow inputs: variance of reconstructions over the samples as a share of the images' variance, variance of an
   * encoder's unit vectors (0 to 1). 0: always the same.
   */
  variation?: number;
  /** Samples whose outputs did not change at all under noise of an 8-bit step. */
  stepped?: number;
  /** Samples whose margin has a gradient with values that are not finite. */
  notFinite?: number;
  /**
   * How far one step against the gradient lowers the margin, as a share of what the gradient promises, for each correctly
   * classified sample with a gradient.
   */
  slopes?: number[];
  /** Length of that step in input units. */
  step?: number;
  /** Accuracy on the test set that the model's card names. */
  cardAccuracy?: number;
}
