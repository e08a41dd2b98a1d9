export { chooseEngine, softwareOnly } from './engines/choose-engine.js';
export { builtInEngines } from './engines/built-in.js';
export { defaultWorkers, onGraphicsCard } from './engines/devices.js';
export { engineNames } from './engines/engine-names.js';
export { examineEngine, type Examination } from './engines/examine-engine.js';
export { openEngine } from './engines/open-engine.js';
export { startEngine } from './engines/start-engine.js';
export { openVictim, type VictimConfig, type VictimInfo } from './victims/open-victim.js';
export { CountedVictim, newLedger, type Ledger } from './victims/counted-victim.js';
export { isRandomised } from './victims/is-randomised.js';
export { LoadedVictim } from './victims/loaded-victim.js';

export { openDataset, type Dataset, type DatasetConfig } from './datasets/open-dataset.js';
export { npzBytes, type NamedArray } from './datasets/write-npz.js';
export { readNpz } from './datasets/npz.js';

export { loadPlugin, loadPlugins, type PluginReference } from './plugins/load-plugin.js';
export {
  type BuiltIn,
  builtInOf,
  type PluginPlaces,
  resolveOwn,
  resolvePlugin,
} from './plugins/resolve-plugin.js';
export { useWithParams } from './plugins/use-with-params.js';
export { checkAgainst, checkSchema } from './1-spec/check-params.js';

export {
  defineSpec,
  type AttackEntry,
  type Limits,
  type RetrainConfig,
  type RetrainExpectation,
  type Spec,
  type SpecInput,
} from './1-spec/spec.js';
export { specName } from './1-spec/parse-spec-file.js';
export { modelName } from './1-spec/victim-names.js';
export { loadDataset } from './1-spec/load-dataset.js';
export { loadSpec, SpecError, type LoadOptions } from './1-spec/load-spec.js';
export { specSchema } from './1-spec/spec-schema.js';
export { editorSchema } from './1-spec/editor-schema.js';

export { asBaseline, type Baseline } from './compare/baseline.js';
export { readReport } from './report/read-report.js';
export { noteSpec, relativeTo, specOfRun } from './store/spec-of-run.js';
export { reportSchema } from './report/report-schema.js';
export { diffReports } from './compare/diff-reports.js';
export {
  headToHead,
  type Comparison,
  type Contestant,
  type Pair,
  type VictimComparison,
} from './compare/head-to-head.js';
export { robustnessCurve, type RobustnessPoint } from './compare/robustness-curve.js';
export { successCurve, type SuccessPoint } from './compare/success-curve.js';
export { anytime } from './4-judge/statistics/confidence-sequence.js';
export { holm, mcnemar, mcnemarOneSided } from './4-judge/statistics/paired.js';
export { mergeReports } from './compare/merge-reports.js';
export type { Part } from './compare/check-shards.js';
export { settingOf } from './2-plan/setting-of.js';
export { makeCells, type Cell, type CellChoice } from './2-plan/cells.js';
export { type Costs, costsOf } from './2-plan/shares.js';
export { withinBudget } from './2-plan/within-budget.js';
export { run } from './run.js';
export { runDefaults, type RunOptions } from './run-options.js';
export { makeOutputFolder } from './store/output-folder.js';
export { packageVersion, runtimeVersions } from './versions.js';
export { ChunkTimeout, HostFailed, WorkerDied } from './3-run/failures.js';
export { withTimeout } from './3-run/run-chunk.js';
export { poolHost } from './3-run/pool-host.js';
export { WorkerSlots } from './3-run/worker-slots.js';
export type { WorkerHost } from './3-run/worker-host.js';
export { inProcessHost } from './3-run/in-process-host.js';
export type { ChunkResult, ChunkTask, Task, TaskResult } from './3-worker/task.js';
export { codeHash, packageOf } from './plugins/code-hash.js';

export { keepExamples } from './store/keep-examples.js';
export { lockFolder } from './store/lock.js';
export { writeWhole } from './store/write-whole.js';
export { cellFolder, cellName, readImages, saveChunkImages, type ChunkImages } from './store/images.js';
export { findForeign } from './3-worker/corruption.js';
export { assess } from './3-worker/assess.js';
export { findFlat } from './3-worker/flatness.js';
export { type AimedBatch, judge, judgeClean } from './3-worker/judge.js';
export type { Seen } from './3-worker/seen.js';
export { findDefect } from './3-worker/measure.js';
export { perturb } from './3-worker/perturb.js';
export { computeMetric, type Measures } from './4-judge/metrics.js';
export { collapsedBelow } from './4-judge/soundness/collapsed.js';
export { zeroGradients } from './4-judge/soundness/zero-gradients.js';
export { OpenSettings } from './3-worker/open-setting.js';
export { work } from './3-worker/work.js';
export type { Look, Watcher } from './victims/counted-victim.js';
