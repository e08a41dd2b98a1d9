export { conformance } from './conformance.js';
export type { ConformanceCase, ConformanceRow } from './conformance-row.js';
export { functionModel } from './function-model.js';
export { linearOracle, type LinearOracle } from './linear-victim.js';
export { linearAutoencoder } from './linear-autoencoder.js';
export { criterionConformance, type CriterionConformanceRow } from './criterion-conformance.js';
export { datasetConformance, type DatasetConformanceRow } from './dataset-conformance.js';
export { victimConformance, type VictimConformanceRow } from './victim-conformance.js';
export { estimatorConformance, type EstimatorConformanceRow } from './estimator-conformance.js';
