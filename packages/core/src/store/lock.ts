import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { GauntletError } from '@gauntlet/api';

interface Holder {
  pid: number;
  /** When the process began, as the system counts it: numbers of processes are used again. */
  began?: string;
  host: string;
  since: string;
}

/**
 * Takes a run folder for this process until the function that it returns is called. A lock whose process is gone is
 * taken over at once; none expires, since a run may compute for minutes without a turn of the event loop.
 * @throws GauntletError `output-locked` if another process has it
 */
export function lockFolder(folder: string): () => void {
  const file = path.join(folder, 'run.lock');
  const mine: Holder = {
    pid: process.pid,
    began: beginningOf(process.pid),
    host: hostname(),
    since: new Date().toISOString(),
  };
  for (;;) {
    try {
      take(file, JSON.stringify(mine));
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const text = read(file);
    if (text === undefined) continue;
    const holder = parse(text);
    // A command locks the folder before it clears it, and the run that it starts there does so again.
    if (holder && isSame(holder, mine)) return () => {};
    if (holder && isAlive(holder)) throw locked(folder, file, holder);
    takeAway(file, text);
  }
}

/** A lock is there whole or not at all: one that is read while it is written would be taken for that of a dead process. */
function take(file: string, text: string): void {
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, text);
  try {
    linkSync(aside, file);
  } finally {
    rmSync(aside, { force: true });
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Nothing for a lock that was cut off while it was written: its process is gone. */
function parse(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Holder;
    return Number.isSafeInteger(holder.pid) ? holder : undefined;
  } catch {
    return undefined;
  }
}

const isSame = (a: Holder, b: Holder) => a.pid === b.pid && a.began === b.began && a.host === b.host;

/** Processes of another machine cannot be seen: they count as alive. */
function isAlive({ pid, began, host }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return began === beginningOf(pid);
}

/** Linux says when a process began; elsewhere its number has to do. */
function beginningOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/** Removes a lock of a process that is gone, and no other: of several that want it, one gets to rename it. */
function takeAway(file: string, text: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  // Somebody was faster, and this is the new lock.
  if (read(aside) !== text) renameSync(aside, file);
  else rmSync(aside, { force: true });
}

const locked = (folder: string, file: string, { pid, host, since }: Holder) =>
  new GauntletError(
    'output-locked',
    `Another run writes to ${folder} (process ${pid} on ${host}, since ${since}). Wait for it, or name another folder with --output. If it is no run any more, delete ${file}.`,
  );
