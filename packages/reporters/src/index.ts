export type { Reporter } from './reporter.js';
export { jsonReporter } from './json.js';
export { junitReporter, junitXml } from './junit.js';
export { replayCommand, worstSamples } from './replay.js';
export { contactSheet, sheetColumns } from './contact-sheet.js';
export { picturesReporter, samplesPerPicture } from './pictures.js';
export { retrainJunit, retrainSummary, writeRetrainJunit } from './retrain.js';
export { colours, noColours, summary } from './summary.js';
export { terminalReporter, type TerminalOptions } from './terminal.js';
