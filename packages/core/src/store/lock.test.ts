import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { lockFolder } from './lock.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-lock-'));
  file = path.join(folder, 'run.lock');
});
const write = (holder: object | string) =>
  writeFileSync(file, typeof holder === 'string' ? holder : JSON.stringify(holder));
/** No process of Linux has a number that is so large. */
const gone = 2 ** 22 + 1;
const holder = { host: hostname(), since: '2026-01-02T03:04:05.678Z' };

it('is taken and given back; the process that has it may take it again', () => {
  const release = lockFolder(folder);
  lockFolder(folder)();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
  release();
  expect(existsSync(file)).toBe(false);
});

it('is refused while another process has it, by name', () => {
  // The one that has started this one.
  const other = process.ppid;
  const stat = readFileSync(`/proc/${other}/stat`, 'utf8');
  const began = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  write({ ...holder, pid: other, began });
  expect(() => lockFolder(folder)).toThrow(
    `Another run writes to ${folder} (process ${other} on ${hostname()}, since 2026-01-02T03:04:05.678Z).`,
  );
});

it('is taken over from a process that is gone, whoever has its number now, or that never finished writing', () => {
  write({ ...holder, pid: gone });
  lockFolder(folder)();
  write({ ...holder, pid: process.ppid, began: 'long ago' });
  lockFolder(folder)();
  write('{"pid": 1');
  lockFolder(folder)();
});

it('is not taken over from another machine, whose processes cannot be seen', () => {
  write({ ...holder, pid: 1, host: 'elsewhere' });
  expect(() => lockFolder(folder)).toThrow(/process 1 on elsewhere.*delete .*run\.lock/);
});
