import type { Defect, FeatureRules, Outcome, ThreatModel } from '@gauntlet/api';
import { ballRounding, ballsOf, boxRounding } from './inside.js';

/** Lengths of x′ − x in float64: largest change, Euclidean, sum of changes, number of changed values. */
export function distances(
  clean: Float32Array,
  perturbed: Float32Array,
): Required<Pick<Outcome, 'linf' | 'l2' | 'l1' | 'l0'>> {
  let [linf, squares, l1, l0] = [0, 0, 0, 0];
  for (let i = 0; i < clean.length; i++) {
    const change = Math.abs(perturbed[i] - clean[i]);
    linf = Math.max(linf, change);
    squares += change * change;
    l1 += change;
    if (change > 0) l0++;
  }
  return { linf, l2: Math.sqrt(squares), l1, l0 };
}

/** 10·log₁₀(Σx²/Σδ²) in dB; nothing where one of them is 0. */
export function signalToNoise(clean: Float32Array, { l2 }: { l2: number }): number | undefined {
  const power = clean.reduce((sum, value) => sum + value * value, 0);
  return power > 0 && l2 > 0 ? 10 * Math.log10(power / (l2 * l2)) : undefined;
}

/** The first rule of the threat model (of the attack, then of the spec) that a returned sample breaks, and by how much. */
export function findDefect(
  clean: Float32Array,
  perturbed: Float32Array,
  [low, high]: readonly [number, number],
  threat: ThreatModel,
): Defect | undefined {
  if (perturbed.length !== clean.length)
    return { kind: 'wrong-shape', amount: perturbed.length - clean.length };
  const notFinite = perturbed.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
  if (notFinite > 0) return { kind: 'not-finite', amount: notFinite };
  const range = high - low;
  let outside = 0;
  for (const value of perturbed) outside = Math.max(outside, low - value, value - high);
  if (outside > boxRounding * range) return { kind: 'outside-box', amount: outside };
  const lengths = distances(clean, perturbed);
  for (const { norm, epsilon } of ballsOf(threat)) {
    if (!(lengths[norm] <= epsilon * (1 + ballRounding) + boxRounding * range))
      return { kind: 'outside-epsilon', amount: lengths[norm] - epsilon };
  }
  const broken = outsideFeatures(clean, perturbed, threat.features);
  return broken > boxRounding * range ? { kind: 'outside-features', amount: broken } : undefined;
}

/** By how much features leave what is said of them. */
function outsideFeatures(clean: Float32Array, perturbed: Float32Array, rules: FeatureRules = {}): number {
  let outside = 0;
  for (const i of rules.immutable ?? []) outside = Math.max(outside, Math.abs(perturbed[i] - clean[i]));
  for (const [i, [low, high]] of Object.entries(rules.bounds ?? {}))
    outside = Math.max(outside, low - perturbed[Number(i)], perturbed[Number(i)] - high);
  return outside;
}

/** What is left of images after being saved with 8 bits per value. */
export function roundToBytes(images: Float32Array, [low, high]: readonly [number, number]): Float32Array {
  const range = high - low;
  return images.map((value) => low + (Math.round(((value - low) / range) * 255) / 255) * range);
}
