// The types of TensorFlow.js name `Long` and say nowhere where it is from.
/// <reference types="long" preserve="true" />

export { BestSoFar } from './best-so-far.js';
export { type Budget, budgetText } from './budget.js';
export { GauntletError, type Place, reasonOf, reviveError } from './errors/gauntlet-error.js';
export { didYouMean } from './errors/nearest-name.js';
export {
  classifiedAs,
  type Criterion,
  type Goal,
  type GoalSource,
  isMet,
  misclassified,
  objectiveOf,
  pickAndRest,
  reconstructedNoWorse,
  reconstructionLoss,
  type VictimOutputs,
} from './goals/criteria.js';
export { anyLabelWrong, type LabelSets, labelsWrong, pickSets } from './goals/label-sets.js';
export { predictFor, standardGoal } from './goals/standard-goal.js';
export {
  type Attack,
  type AttackContext,
  type AttackDefinition,
  type AttackParams,
  type AttackResult,
  defineAttack,
  isFor,
  type LabelsOf,
  type VictimKind,
  type VictimOf,
} from './kinds/attack.js';
export {
  type CriterionContext,
  type CriterionDefinition,
  type CriterionPlugin,
  defineCriterion,
  type References,
} from './kinds/criterion.js';
export { type DatasetDefinition, type DatasetPlugin, defineDataset } from './kinds/dataset.js';
export {
  type BareModel,
  type Card,
  defineEngine,
  type Engine,
  type EngineContext,
  type EngineDefinition,
  type EngineDevice,
  type EngineModel,
  type HostValues,
  type ImageOrder,
  type InputConstant,
  type EnginePlugin,
  type LoadedModel,
  type ModelFeatures,
  type ModelGradient,
  type ModelObjective,
  type ModelOutputs,
  type ModelSource,
  type StartedEngine,
} from './kinds/engine.js';
export type { GraphRunner } from './kinds/graph-runner.js';
export { type BlockSource, blockSource, type ImageSource, type Pixels } from './kinds/image-source.js';
export { type Contracted, contractVersion, type PluginDescription } from './kinds/contract.js';
export {
  defineEstimator,
  type EstimatorDefinition,
  type EstimatorPlugin,
  type FeatureBlock,
  type Yardstick,
} from './kinds/estimator.js';
export { defineMetric, type Evidence, type MetricDefinition, type MetricPlugin } from './kinds/metric.js';
export {
  type Plugin,
  pluginFunctions,
  type PluginKind,
  type PluginKinds,
  pluginKinds,
} from './kinds/plugin.js';
export {
  defineReporter,
  type Reporter,
  type ReporterContext,
  type ReporterDefinition,
  type ReporterNeeds,
  type ReporterPlugin,
  type SampleImages,
  type TextOutput,
  type WrittenFile,
} from './kinds/reporter.js';
export {
  defineVictim,
  type VictimContext,
  type VictimDefinition,
  type VictimModel,
  type VictimPlugin,
} from './kinds/victim.js';
export type { ErrorLoss, Labelled, LabelLoss, Objective, Penalty } from './objective.js';
export type { Complaint, ParamsInput, ParamsOf, ParamsSchema } from './params.js';
export { BatchRandom, drawTensor, Stream } from './random/streams.js';
export type { CellDifference, Difference, RegressionPolicy } from './report/difference.js';
export type { RunEvent } from './report/events.js';
export type { Expectation, Limit, SweepPoint } from './report/expectation.js';
export type { Examination } from './report/examination.js';
export type { Examples } from './report/examples.js';
export { type Finding, type Strict, voidFindings, type WeakFinding, weakFindings } from './report/finding.js';
export type { Interval, Metric, MetricName, Metrics } from './report/metric.js';
export {
  type Defect,
  isOutcome,
  type Outcome,
  type Progress,
  staysRight,
  unassessed,
  wasRight,
} from './report/outcome.js';
export type { CellReport, Repeats, Report, VictimReport } from './report/report.js';
export type { Shard } from './report/shard.js';
export type { Trace } from './report/trace.js';
export { type ExpectationResult, type Verdict, worst } from './report/verdict.js';
export type { WorstCaseReport } from './report/worst-case.js';
export { worstFirst } from './report/worst-first.js';
export { isTensor, mapTensors, tensorsIn } from './tensors/containers.js';
export { flatRows, perRow, scaleRows, takeRows } from './tensors/rows.js';
export { stopGradient, tidyAsync } from './tensors/scope.js';
export { tensorOf, valuesOf } from './tensors/host-values.js';
export {
  type CorruptionBatch,
  type CorruptionContext,
  type CorruptionFamily,
  type CorruptionSetting,
  corruptRows,
} from './threat/corruption.js';
export { exactSign, type Norm, norms, stayInside } from './threat/norms.js';
export { targetParam, threatParams } from './threat/params.js';
export {
  type Ball,
  type FeatureRules,
  type LengthName,
  type NormName,
  resolveTargets,
  type Target,
  type ThreatModel,
} from './threat/threat-model.js';
export type {
  AnyVictim,
  Autoencoder,
  Classifier,
  Encoder,
  FeatureSource,
  Gradient,
  OutputScale,
  Victim,
} from './victim.js';
export type { AutoencoderOutputs, ClassifierOutputs, EncoderOutputs, Features } from './victim-kinds.js';
export { type ModelKind, modelKinds, victimKinds, type VictimKinds } from './victim-kinds.js';
export { tf } from './tf.js';
