// What must hold of a run that was disturbed, and of the one that goes on from there.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { orphansOf } from './processes.mjs';

const documented = [0, 1, 2, 3, 130];
const mostResumes = 3;

/** Goes on as the sentences of the program tell a user to, until there is a verdict. */
export async function goOn(job) {
  let args = job.whole ? [] : ['--resume'];
  for (let n = 0; n < mostResumes; n++) {
    const { code, error } = await job.start(args).done;
    if (code === 0 || code === 1) return;
    if (/\[resume-|Run without --resume/.test(error)) args = [];
  }
}

/** Faults of one ended run, in a few words each; `valid` are the reports that are no false pass. */
export function faultsOfRun({ code, signal, text, error }, { signals, report, valid }) {
  const found = [];
  if (signal ? !signals.includes(signal) : !documented.includes(code))
    found.push(`ended by ${signal ?? `code ${code}`}: ${error.slice(0, 300)}`);
  if (!signal && code > 1 && `${text}${error}`.trim() === '') found.push(`code ${code} without a sentence`);
  if (/^\s+at .+:\d+:\d+\)?$/m.test(error)) found.push(`a stack on standard error: ${error.slice(0, 600)}`);
  if (code === 1 && report === undefined) found.push('code 1, a verdict, without a report');
  if (code === 0 && !valid.includes(report)) found.push('code 0 with another report: a false pass');
  return found;
}

/** Samples of a cell that the journal has more than once under one key. */
export function repeatedIn(journal) {
  if (!existsSync(journal)) return [];
  const [seen, repeated] = [new Set(), []];
  for (const line of readFileSync(journal, 'utf8').split('\n')) {
    const { key, victim, attack, outcomes = [] } = parsed(line);
    for (const { index } of outcomes) {
      const sample = `${victim}/${attack} ${key} ${index}`;
      if (seen.has(sample)) repeated.push(sample);
      seen.add(sample);
    }
  }
  return repeated;
}

/** A line that is as it was written; one that was damaged counts for nothing, and what it held is done again. */
function parsed(line) {
  const [, text, sum] = /^(\{.*),"sum":"([0-9a-f]{16})"\}$/.exec(line) ?? [];
  const sound = sum === createHash('sha256').update(`${text}}`).digest('hex').slice(0, 16);
  return sound ? JSON.parse(`${text}}`) : {};
}

/** Faults of a run folder after the last run, and of what still runs. */
export async function faultsLeft(job, expected) {
  const found = [];
  const last = job.runs.at(-1);
  if (last.code !== 0 && last.code !== 1)
    found.push(
      `no verdict after ${job.runs.length} runs: ${last.code} ${last.text.slice(-200)}${last.error.slice(-300)}`,
    );
  if (job.report() !== expected) found.push('the report is not that of an undisturbed run');
  const repeated = repeatedIn(job.journal());
  if (repeated.length > 0) found.push(`${repeated.length} samples are twice in the journal: ${repeated[0]}`);
  for (const file of job.files(/\.part$|^run\.lock/)) found.push(`${file} is left`);
  const orphans = await orphansOf(job.mark);
  if (orphans.length > 0) found.push(`${orphans.length} processes are left`);
  return found;
}
