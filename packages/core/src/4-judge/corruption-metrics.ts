import { defineMetric, type Evidence, type MetricName, type Outcome } from '@gauntlet/api';

/**
 * AlexNet's error under each corruption of ImageNet-C, the mean over five severities. Source: Hendrycks & Dietterich, ICLR 2019,
 * table 3 of the appendix, and their program.
 */
const alexnet: Readonly<Record<string, number>> = {
  'gaussian-noise': 0.886428,
  'shot-noise': 0.894468,
  'impulse-noise': 0.92264,
  'defocus-blur': 0.81988,
  'glass-blur': 0.826268,
  'motion-blur': 0.785948,
  'zoom-blur': 0.79836,
  snow: 0.866816,
  frost: 0.826572,
  fog: 0.819324,
  brightness: 0.564592,
  contrast: 0.853204,
  'elastic-transform': 0.646056,
  pixelate: 0.71784,
  'jpeg-compression': 0.6065,
};

/** Was the victim wrong, by kind and level: of one sample. */
type Errors = Record<string, Record<string, boolean>>;

/** A victim with several labels is wrong where any of them is. */
function errorsUnder({ corrupted, corruptedHamming, label }: Outcome): Errors | undefined {
  const wrong = (levels: Record<string, Record<string, number>>, isWrong: (one: number) => boolean): Errors =>
    Object.fromEntries(
      Object.entries(levels).map(([kind, seen]) => [
        kind,
        Object.fromEntries(Object.entries(seen).map(([level, one]) => [level, isWrong(one)])),
      ]),
    );
  if (corruptedHamming) return wrong(corruptedHamming, (one) => one > 0);
  return corrupted && label !== undefined ? wrong(corrupted, (one) => one !== label) : undefined;
}

const talliedOf = (outcomes: readonly Outcome[]) =>
  outcomes.map(errorsUnder).filter((one) => one !== undefined);

const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

/** The mean over kinds of the share of levels at which the sample is misclassified, each over what `weight` says of the kind. */
const errorOf = (errors: Errors, weight: (kind: string) => number): number =>
  mean(
    Object.entries(errors).map(([kind, levels]) => mean(Object.values(levels).map(Number)) / weight(kind)),
  );

const metric = (name: MetricName, description: string, measure: (tallied: readonly Errors[]) => Evidence) =>
  defineMetric({
    name,
    version: 1,
    description,
    params: { type: 'object', additionalProperties: false, properties: {} },
    measure: (outcomes) => measure(talliedOf(outcomes)),
  });

/** Right and all of a severity, over kinds: one number per sample. */
const accuracyAt = (severity: number) => (tallied: readonly Errors[]) => ({
  values: tallied.flatMap((errors) => {
    const there = Object.values(errors).flatMap((levels) => levels[severity] ?? []);
    return there.length > 0 ? [mean(there.map((wrong) => Number(!wrong)))] : [];
  }),
});

/** Metrics of cells whose threat model is a tallied family of corruptions. They count all samples, also those misclassified without one. */
export const corruptionMetrics = [
  metric(
    'mCE',
    'mean corruption error: share misclassified, the mean over severities and then over kinds of corruption',
    (tallied) => ({ values: tallied.map((one) => errorOf(one, () => 1)) }),
  ),
  metric(
    'mCE.alexnet',
    "the same with each kind's error divided by AlexNet's on ImageNet-C: of ImageNet models",
    (tallied) => ({
      values: tallied.flatMap((one) =>
        Object.keys(one).every((kind) => Object.hasOwn(alexnet, kind))
          ? [errorOf(one, (kind) => alexnet[kind])]
          : [],
      ),
    }),
  ),
  ...([1, 2, 3, 4, 5] as const).map((severity) =>
    metric(
      `corruptionAccuracy.severity${severity}`,
      `share classified correctly under corruptions of severity ${severity}, the mean over kinds`,
      accuracyAt(severity),
    ),
  ),
];
