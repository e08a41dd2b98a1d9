export { conformance, type ConformanceCase, type ConformanceRow } from './conformance.js';
export { functionModel } from './function-model.js';
export { linearOracle, type LinearOracle } from './linear-victim.js';
