export { GauntletError, reasonOf, reviveError, type Place } from './errors/gauntlet-error.js';
export { didYouMean } from './errors/nearest-name.js';
export { BatchRandom, drawTensor, Stream } from './random/streams.js';
export { stopGradient, tidyAsync } from './tensors/scope.js';
export { flatRows, perRow, scaleRows, takeRows } from './tensors/rows.js';

export { chooseEngine, softwareOnly } from './engines/choose-engine.js';
export { engineNames } from './engines/engine-names.js';
export { examineEngine, type Examination } from './engines/examine-engine.js';
export { graphRunner, type GraphRunner } from './engines/graph-runner.js';
export { openEngine } from './engines/open-engine.js';
export type { Engine, EngineModel } from './engines/engine.js';
export type {
  AnyVictim, Autoencoder, AutoencoderOutputs, Classifier, ClassifierOutputs, Features, FeatureSource, Gradient, Victim,
} from './victims/victim.js'; // prettier-ignore
export { openVictim, type VictimConfig, type VictimInfo } from './victims/open-victim.js';
export { CountedVictim, newLedger, type Ledger } from './victims/counted-victim.js';
export { LoadedVictim } from './victims/loaded-victim.js';

export { defineDataset, type DatasetPlugin } from './datasets/define-dataset.js';
export { openDataset, type Dataset, type DatasetConfig } from './datasets/open-dataset.js';
export { npzBytes, type NamedArray } from './datasets/write-npz.js';
export { readNpz } from './datasets/npy.js';
export { blockSource, type ImageSource } from './datasets/source.js';

export {
  defineAttack,
  type Attack,
  type AttackContext,
  type AttackDefinition,
  type AttackParams,
  type AttackResult,
} from './attacks/define-attack.js';
export { loadPlugin, loadPlugins, type Plugin, type PluginReference } from './attacks/load-plugin.js';
export { checkAgainst, type ParamsInput, type ParamsOf, type ParamsSchema } from './attacks/params.js';
export { resolveTargets, type NormName, type Target, type ThreatModel } from './attacks/threat-model.js';
export { exactSign, norms, stayInside, type Norm } from './attacks/norms.js';
export { standardGoal } from './attacks/goal.js';
export {
  defineCriterion,
  type CriterionContext,
  type CriterionDefinition,
  type CriterionPlugin,
} from './attacks/define-criterion.js';
export {
  classifiedAs,
  misclassified,
  pickAndRest,
  reconstructedNoWorse,
  reconstructionLoss,
  type Criterion,
  type Goal,
  type VictimOutputs,
} from './attacks/criteria.js';
export { budgetText, type Budget } from './attacks/budget.js';
export { BestSoFar } from './attacks/best-so-far.js';

export {
  defineSpec,
  type AttackEntry,
  type Expectation,
  type Limit,
  type RetrainConfig,
  type RetrainExpectation,
  type Spec,
  type SpecInput,
  type SweepPoint,
} from './spec/spec.js';
export { specName } from './spec/parse-spec-file.js';
export { loadDataset } from './spec/load-dataset.js';
export { loadSpec, SpecError, type LoadOptions } from './spec/load-spec.js';
export { metricNames, type MetricName } from './spec/metric-names.js';
export { specSchema } from './spec/spec-schema.js';
export { editorSchema } from './spec/editor-schema.js';

export { readReport, type Baseline } from './compare/baseline.js';
export {
  diffReports,
  type CellDifference,
  type Difference,
  type RegressionPolicy,
} from './compare/diff-reports.js';
export {
  headToHead,
  type Comparison,
  type Contestant,
  type Pair,
  type VictimComparison,
} from './compare/head-to-head.js';
export { successCurve, type SuccessPoint } from './compare/success-curve.js';
export { holm, mcnemar, mcnemarOneSided } from './compare/paired.js';
export { mergeReports } from './compare/merge-reports.js';
export { makeCells, type Cell, type CellChoice, type Shard } from './plan/cells.js';
export { withinBudget } from './plan/within-budget.js';
export { run, runDefaults, type RunOptions } from './execute/run.js';
export type { RunEvent } from './execute/events.js';
export { makeOutputFolder, packageVersion } from './execute/prepare.js';
export { isWorkerDeath, WorkerDied } from './execute/failures.js';
export { poolHost } from './execute/pool-host.js';
export type { WorkerHost } from './execute/worker-host.js';
export { inProcessHost } from './execute/in-process-host.js';
export type { ChunkResult, ChunkTask } from './execute/task.js';

export { cellFolder, cellName, readImages, type ChunkImages } from './execute/images.js';
export type { Trace } from './execute/watch.js';
export { worstFirst } from './referee/worst.js';
export type { Outcome, Defect } from './referee/outcome.js';
export type { Metric, Metrics } from './referee/metrics.js';
export type { Finding } from './referee/soundness.js';
export { worst, type ExpectationResult, type Verdict } from './referee/verdict.js';
export {
  judgeRetraining,
  type Protocol,
  type RetrainExpectationResult,
  type RetrainReport,
  type RetrainRow,
} from './referee/retrain.js';
export type { CellReport, Report, VictimReport } from './referee/report.js';
export type { FeatureBlock, Yardstick } from './referee/yardstick.js';
