import { ctrfReporter } from './export/ctrf.js';
import { mlflowReporter } from './export/mlflow.js';
import { sarifReporter } from './export/sarif.js';
import { githubReporter } from './github.js';
import { htmlReporter } from './html/reporter.js';
import { jsonReporter } from './json.js';
import { junitReporter } from './junit.js';
import { markdownReporter } from './markdown.js';
import { picturesReporter } from './pictures.js';
import { terminalPlugin } from './terminal.js';

export { ctrf } from './export/ctrf.js';
export { sarif } from './export/sarif.js';
export { taxonomies } from './export/taxonomies.js';
export { findingText, stops } from './evidence.js';
export { annotations } from './github.js';
export { markdown } from './markdown.js';
export { comparisonMarkdown, comparisonSummary } from './comparison.js';
export { type History, historyOf, type Moment } from './history/history.js';
export { historyTables } from './history/table.js';
export { type ChosenReporter, chooseReporters, reporterDefaults } from './choose-reporters.js';
export { needsOf, openReporters, removeReports, type Reporting } from './open-reporters.js';
export { junitXml } from './junit.js';
export { reportText } from './report-text.js';
export { replayCommand, shownFolder, worstSamples } from './replay.js';
export { colours, hasColour, noColours, type Paint, widthOf } from './paint.js';
export { summary } from './summary.js';
export { terminalReporter, type TerminalOptions } from './terminal.js';
export { verdictText } from './verdict-text.js';
export {
  cdataText,
  duration,
  number,
  percent,
  plain,
  plainLines,
  signedPercent,
  threatText,
  withoutCommands,
  xmlText,
} from './text.js';

/** All of them; a reporter whose line is not here is nowhere. */
export default [
  terminalPlugin,
  jsonReporter,
  junitReporter,
  htmlReporter,
  picturesReporter,
  markdownReporter,
  githubReporter,
  sarifReporter,
  ctrfReporter,
  mlflowReporter,
];
