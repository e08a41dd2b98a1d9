import { type Attack, isMet, type Outcome } from '@gauntlet/api';
import { newLedger } from '../victims/counted-victim.js';
import { threatOf } from '../plugins/threat-of.js';
import { callAttack } from './call-attack.js';
import { type AimedBatch, judge, pickBatch } from './judge.js';
import { isMemoryError } from './memory-errors.js';
import type { ChunkTask } from './task.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';

type Unbounded = NonNullable<Outcome['unbounded']>;

export interface UnboundedAttack {
  /** By row. */
  found: ReadonlyMap<number, Unbounded>;
  seconds: number;
}

const nothing: UnboundedAttack = { found: new Map(), seconds: 0 };

/**
 * Attacks a few samples that held once more with all that the bounds allow: an attack that does not break them then does not
 * work on this victim. Nothing for attacks without gradients or without an `epsilon`.
 */
export async function attackUnbounded(
  attack: Attack,
  task: ChunkTask,
  { victim, batch }: { victim: LoadedVictim; batch: AimedBatch },
  judged: readonly Outcome[],
): Promise<UnboundedAttack> {
  const wanted = batch.indices.flatMap((index, row) =>
    judged[row].status === 'held' && task.unbounded?.includes(index) ? [row] : [],
  );
  const widest = wanted.length > 0 && widestAttack(attack, task, victim);
  if (!widest) return nothing;
  const started = performance.now();
  const some = pickBatch(batch, wanted);
  const wide: ChunkTask = { ...task, attack: widest, traces: [] };
  const ledger = newLedger(wanted.length);
  const returned = await callAttack(attack, wide, { victim, batch: some, ledger }).catch((error: unknown) => {
    if (isMemoryError(error)) throw error;
  });
  // An attack that cannot be asked this says nothing.
  if (!returned) return nothing;
  const { criterion } = await judge(victim, returned.perturbed, some);
  const found = wanted.map((row, i) => [row, isMet(criterion[i]) ? 'broken' : 'held'] as const);
  return { found: new Map(found), seconds: (performance.now() - started) / 1000 };
}

/** The attack with an epsilon of the whole range, and steps as much longer. */
function widestAttack(
  attack: Attack,
  { attack: entry }: ChunkTask,
  { traits: { kind, bounds, inputShape } }: LoadedVictim,
): ChunkTask['attack'] | undefined {
  const { params, threat, usesGradients } = entry;
  const { epsilon, stepSize } = params;
  if (kind !== 'classifier' || !usesGradients || threat.norm === 'none') return undefined;
  if (typeof epsilon !== 'number' || epsilon <= 0) return undefined;
  const size = inputShape.reduce((a, b) => a * b, 1);
  const range = bounds[1] - bounds[0];
  const widest = { linf: range, l2: range * Math.sqrt(size), l1: range * size, l0: size }[threat.norm];
  if (epsilon >= widest) return undefined;
  const longer = typeof stepSize === 'number' && { stepSize: (stepSize * widest) / epsilon };
  const wide = { ...params, epsilon: widest, ...longer };
  return {
    ...entry,
    params: wide,
    threat: {
      ...threatOf(attack, wide, entry.plugin.url),
      ...(threat.features && { features: threat.features }),
    },
  };
}
