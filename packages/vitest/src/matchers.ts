import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type CellReport, GauntletError, type Limit, type MetricName, type Strict } from '@gauntlet/api';
import type { Limits } from '@gauntlet/core';
import { findingText, plain } from '@gauntlet/reporters';
import { attachGallery, currentTest } from './attach.js';
import type { AttackUse } from './attacks.js';
import { datasetInput, type DatasetInput, type InMemoryData } from './data.js';
import { plugin } from './places.js';
import { openSpec, runCells, whereToLook } from './run-cells.js';
import { type Victim, victimInput } from './victims.js';
import { expect } from 'vitest';

/** Where an attack is done. */
export interface On {
  /** The samples: a dataset as in a spec, or images in memory. */
  on: DatasetInput | InMemoryData;
  /** Same seed, same bytes. 0 by default. */
  seed?: number;
  /** Whether weak evidence counts: true by default; false, or `except` for the findings that are accepted. */
  strict?: Strict;
}

/** What has to hold; without any limit no sample may be broken. */
export type WithstandOptions = On & Partial<Record<MetricName, Limit>>;

export type LimitOptions = On & Limit;

interface Result {
  pass: boolean;
  message: () => string;
}

let last: Promise<unknown> = Promise.resolve();

/** Matchers that run beside each other may share a run folder. */
function oneByOne<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.catch(() => {}).then(work);
  last = mine;
  return mine;
}

/**
 * Attacks a victim and gives the cell with its verdict. The spec is written beside the report, so that the cell can be
 * replayed; a cell that has not changed is not done again.
 * @throws GauntletError if there is no evidence for or against anything.
 */
async function challenge(
  victim: unknown,
  { use, params }: AttackUse,
  { on, seed = 0, strict = true }: On,
  expected: Limits,
) {
  if (!isVictim(victim))
    throw new GauntletError(
      'usage',
      'expect() needs a victim here: classifier(model, { bounds }) or autoencoder(model, { bounds }).',
    );
  const { testPath = path.resolve('test') } = expect.getState();
  const folder = path.dirname(testPath);
  const home = path.join(folder, 'gauntlet-report', 'vitest');
  const attack = { use: plugin(use, folder), params };
  const spec = {
    victim: await victimInput(victim, { folder, home }),
    dataset: await datasetInput(on, { folder, home }),
    seed,
    ...(strict !== true && { strict }),
    attacks: [attack],
  };
  const hash = createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 10);
  const output = path.join(
    home,
    path.basename(testPath).replace(/\.\w+$/, ''),
    `${use.replaceAll(/[^\w.-]+/g, '-')}-${hash}`,
  );
  const report = await oneByOne(async () => {
    mkdirSync(output, { recursive: true });
    const file = path.join(output, 'test.robust.json');
    writeFileSync(
      file,
      `${JSON.stringify({ ...spec, attacks: [{ ...attack, expect: expected }] }, null, 2)}\n`,
    );
    return runCells(await openSpec(file), output);
  });
  const [cell] = report.cells;
  await attachGallery(currentTest(), cell, output);
  if (cell.verdict === 'inconclusive')
    throw new GauntletError('inconclusive', `${plain(cell.id)}: ${why(cell)}\n${whereToLook(cell, output)}`);
  return { cell, output };
}

const isVictim = (value: unknown): value is Victim =>
  typeof value === 'object' && value !== null && 'model' in value && 'options' in value;

/** What takes the evidence away, and all that was expected and measured. */
const why = ({ findings, expectations }: CellReport): string => {
  const against = findings.filter(({ severity }) => severity === 'inconclusive');
  return [...against.map(findingText), ...expectations.map(({ message }) => message)]
    .map((text) => plain(text, 700))
    .join('\n');
};

async function judge(
  victim: unknown,
  attack: AttackUse,
  on: On,
  expected: Limits,
  claim: string,
): Promise<Result> {
  const call = new Error();
  const { cell, output } = await challenge(victim, attack, on, expected).catch((error: unknown) => {
    // What the user has to change is where the matcher was called, not where the spec was read.
    if (error instanceof GauntletError)
      error.stack = `${error.name}: ${error.message}\n${call.stack?.split('\n').slice(1).join('\n')}`;
    throw error;
  });
  const pass = cell.verdict === 'pass';
  return {
    pass,
    message: () =>
      `expected ${plain(cell.victim)} ${pass ? 'not ' : ''}${claim} ${plain(cell.attack)}\n${why(cell)}\n${whereToLook(cell, output)}`,
  };
}

const limitOf = ({ on: _, seed: __, strict: ___, ...limit }: LimitOptions): Limit => limit;

const matchers = {
  toWithstand(victim: unknown, attack: AttackUse, { on, seed, strict, ...limits }: WithstandOptions) {
    const expected = Object.keys(limits).length > 0 ? limits : { asr: { max: 0 } };
    return judge(victim, attack, { on, seed, strict }, expected, 'to withstand');
  },
  toHaveAttackSuccessRate: (victim: unknown, attack: AttackUse, options: LimitOptions) =>
    judge(victim, attack, options, { asr: limitOf(options) }, 'to have that attack success rate under'),
  toKeepMutualInformation: (victim: unknown, attack: AttackUse, options: LimitOptions) =>
    judge(victim, attack, options, { mi: limitOf(options) }, 'to keep that mutual information under'),
  toReconstructWithin: (victim: unknown, attack: AttackUse, options: LimitOptions) =>
    judge(
      victim,
      attack,
      options,
      { reconstructionError: limitOf(options) },
      'to reconstruct within that error under',
    ),
};

expect.extend(matchers);

// vitest 4 and 5 give their own interface of matchers different type parameters; both take those of Chai.
declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Chai {
    interface Assertion {
      /** Under the attack, all limits hold; without any, no sample is broken. */
      toWithstand(attack: AttackUse, options: WithstandOptions): Promise<void>;
      /** The share of the attacked samples that are broken is within limits. */
      toHaveAttackSuccessRate(attack: AttackUse, options: LimitOptions): Promise<void>;
      /** Mean mutual information of broken samples with their originals, in nats, is within limits. */
      toKeepMutualInformation(attack: AttackUse, options: LimitOptions): Promise<void>;
      /** Mean squared error per value between clean inputs and reconstructions under attack is within limits. */
      toReconstructWithin(attack: AttackUse, options: LimitOptions): Promise<void>;
    }
  }
}
