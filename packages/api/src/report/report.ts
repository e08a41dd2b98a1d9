import type { Budget } from '../budget.js';
import type { ThreatModel } from '../threat/threat-model.js';
import type { FeatureSource, OutputScale } from '../victim.js';
import type { ModelKind } from '../victim-kinds.js';
import type { Difference } from './difference.js';
import type { SweepPoint } from './expectation.js';
import type { Examination } from './examination.js';
import type { Examples } from './examples.js';
import type { Finding, Strict } from './finding.js';
import type { Metrics } from './metric.js';
import type { Outcome } from './outcome.js';
import type { Shard } from './shard.js';
import type { Trace } from './trace.js';
import type { ExpectationResult, Verdict } from './verdict.js';
import type { WorstCaseReport } from './worst-case.js';

/** Broken means: in at least this share of so many draws. */
export interface Repeats {
  draws: number;
  share: number;
}

export interface VictimReport {
  name: string;
  kind: ModelKind;
  /** A file, relative to the folder of the spec, or a plugin as the spec names it. */
  model: string;
  engine: string;
  inputShape: number[];
  bounds: [number, number];
  classes: number;
  /** Each of the `classes` is a label that may be true or not, whatever the others are. */
  multiLabel?: true;
  outputScale: OutputScale;
  featureSource: FeatureSource;
  /** sha256 over topology and weights. */
  hash: string;
  /** `exact`, or how they were estimated. */
  gradients: string;
  /** Operators that gradients pass straight through, as if these were not there. */
  straightThrough?: string[];
  /** Attacks saw the mean of so many passes, if the victim has randomness. */
  eot?: number;
  /** How the referee judged, if the victim has randomness. */
  repeats?: Repeats;
  notes: string[];
  /** What was seen of it before any attack. */
  examination?: Examination;
}

export interface CellReport {
  /** `victim/attack` */
  id: string;
  /** sha256 over everything that the outcomes depend on: equal keys, equal outcomes. */
  key: string;
  victim: string;
  attack: string;
  /** As the spec names it, and its version. */
  use: string;
  version: number;
  params: Record<string, unknown>;
  threat: ThreatModel;
  /** It asks for gradients, exact or estimated. */
  usesGradients: boolean;
  /** The goal, where the spec gives one of its own. */
  criterion?: string;
  /** How the attack estimated mutual information, if it did. */
  estimator?: string;
  /** What some samples were computed by instead of the victim's engine: outcomes may differ from one run to the next. */
  otherEngines?: string[];
  verdict: Verdict;
  findings: Finding[];
  expectations: ExpectationResult[];
  metrics: Metrics;
  /** `gate: early`: what was expected was decided after so many samples; the others were not attacked. */
  early?: { samples: number; saved: number };
  /** Perturbed inputs that outlive their run, if there are any. */
  examples?: Examples;
  /** Point of a curve: an attack of the spec at one value of a parameter. */
  sweep?: SweepPoint;
  /** What the attack was allowed to spend on a sample. */
  budget?: Budget;
  /** Some samples on their way through the attack, chosen before it: the first ones. */
  traces?: Trace[];
  outcomes: Outcome[];
}

/** The one document of a run; every other format is a projection of it. Schema: @gauntlet/reporters/schema/report.schema.json. */
export interface Report {
  format: 'gauntlet-report';
  version: 1;
  gauntlet: string;
  /** Name of its file. */
  spec: string;
  seed: number;
  verdict: Verdict;
  /** The run was stopped before its end; what is missing is unassessed. */
  interrupted: boolean;
  /** Share of the samples of a cell that the spec lets be unassessed. */
  maxUnassessed: number;
  /** Whether weak evidence stops the build, by the spec. */
  strict: Strict;
  /** The part of the cells that this run was for, and the ids of all of them; `mergeReports` puts the parts together. */
  shard?: Shard & {
    cells: string[];
    /** Its own ones, where they were dealt out by cost. */
    own?: string[];
  };
  /** Ids of cells of the spec that the run was not asked for (`--grep`, `--last-failed`). */
  leftOut?: string[];
  /** How the referee measured mutual information. */
  yardstick?: string;
  dataset: { name: string; n: number; imageShape: number[]; classNames?: string[]; hash: string };
  victims: VictimReport[];
  cells: CellReport[];
  /** What the spec expects of several attacks together. */
  worstCases?: WorstCaseReport[];
  /** From the baseline, if the run was held against one. */
  difference?: Difference;
  /** How it was run: nothing in here has an influence on the results above. */
  execution: {
    startedAt: string;
    /** The revision of the repository, where it is known. */
    commit?: string;
    seconds: number;
    workers: number;
    node: string;
    retries: { cell: string; samples: number; reason: string }[];
    /** Outcomes taken from the journal of an interrupted run. */
    reused: number;
    /** Ids of cells that are unchanged since an earlier run and were not done again. */
    reusedCells: string[];
    /** Seconds of worker time that the checks of the evidence took, and all of the attacks. */
    checks?: { seconds: number; attacks: number };
  };
}
