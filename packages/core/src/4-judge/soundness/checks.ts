import { attackDefect } from './attack-defect.js';
import { belowCard } from './below-card.js';
import type { Check } from './check.js';
import { collapsed } from './collapsed.js';
import { dependsOnBatch } from './depends-on-batch.js';
import { doubleSoftmax } from './double-softmax.js';
import { epsilonTiny } from './epsilon-tiny.js';
import { epsilonUnit } from './epsilon-unit.js';
import { estimatedAlone } from './estimated-alone.js';
import { fallsWithEpsilon } from './falls-with-epsilon.js';
import { forgottenSuccess } from './forgotten-success.js';
import { gradientNotFinite } from './gradient-not-finite.js';
import { hardLabels } from './hard-labels.js';
import { holdsUnbounded } from './holds-unbounded.js';
import { nearChance } from './near-chance.js';
import { noProgress } from './no-progress.js';
import { noSamples } from './no-samples.js';
import { notDeterministic } from './not-deterministic.js';
import { notExamined } from './not-examined.js';
import { oneClass } from './one-class.js';
import { plateau } from './plateau.js';
import { restartsDisagree } from './restarts-disagree.js';
import { saturated } from './saturated.js';
import { shatteredGradient } from './shattered-gradient.js';
import { shortSteps } from './short-steps.js';
import { steppedInput } from './stepped-input.js';
import { stillRising } from './still-rising.js';
import { straddlesLimit } from './straddles-limit.js';
import { straightThroughAlone } from './straight-through-alone.js';
import { unassessedShare } from './unassessed.js';
import { unchangedInput } from './unchanged-input.js';
import { unusedBounds } from './unused-bounds.js';
import { unusedEpsilon } from './unused-epsilon.js';
import { vacuousExpectation } from './vacuous-expectation.js';
import { weakerIsStronger } from './weaker-is-stronger.js';
import { zeroGradients } from './zero-gradients.js';

/**
 * Everything that is looked for, in the order in which it is told. Carlini et al. 2019: "On Evaluating Adversarial Robustness"
 * (the checklist); Pintor et al. 2022: "Indicators of Attack Failure"; AutoAttack's flags: Croce & Hein 2020 and its code.
 */
export const checks: readonly Check[] = [
  noSamples,
  attackDefect,
  unassessedShare,
  epsilonTiny,
  epsilonUnit,
  shortSteps,
  vacuousExpectation,
  straddlesLimit,
  nearChance,
  belowCard,
  oneClass,
  unusedBounds,
  notExamined,
  notDeterministic,
  dependsOnBatch,
  collapsed,
  doubleSoftmax,
  saturated,
  hardLabels,
  gradientNotFinite,
  shatteredGradient,
  zeroGradients,
  steppedInput,
  estimatedAlone,
  straightThroughAlone,
  unchangedInput,
  unusedEpsilon,
  forgottenSuccess,
  noProgress,
  plateau,
  stillRising,
  restartsDisagree,
  holdsUnbounded,
  weakerIsStronger,
  fallsWithEpsilon,
];
