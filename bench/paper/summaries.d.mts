/** Attack by attack, and MinMax beside each of the others on the same samples. */
export function summariseMutualInformation(records: readonly object[]): {
  models: object[];
  rows: object[];
  pairs: object[];
};
