import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ReporterPlugin, RunEvent } from '@gauntlet/api';
import { checkAgainst } from '@gauntlet/core';
import type { ConformanceCase } from './conformance-row.js';
import { hostile, reportWith } from './sample-report.js';

export interface ReporterConformanceRow {
  reporter: ReporterPlugin;
  /** Options; defaults are filled in. */
  params?: Record<string, unknown>;
}

/** What a run tells, with `text` wherever a user's words may stand: from its start to its report. */
function eventsOf(text: string): RunEvent[] {
  const report = reportWith(text);
  const [cell] = report.cells;
  const events: RunEvent[] = [
    {
      type: 'run-started',
      spec: report.spec,
      victims: report.victims,
      workers: 2,
      cells: report.cells.map(({ id }) => ({ id, samples: 1, reused: 0 })),
    },
    { type: 'note', message: text },
    { type: 'retry', cell: cell.id, samples: 1, reason: text },
    ...report.cells.flatMap((cell): RunEvent[] => [
      { type: 'chunk-done', cell: cell.id, outcomes: cell.outcomes, seconds: 1 },
      { type: 'cell-done', cell, reused: false },
    ]),
    { type: 'run-done', report },
  ];
  return events.map(freeze);
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

/** All but the line feed, and what turns the direction of the text. */
const control = /(?!\n)[\p{Cc}\p{Bidi_Control}]/u;
/** What GitHub Actions would do as it is told by the log. */
const commands = /^\s*::stop-commands|##\[/m;

/** Two samples of 2×2 pixels. */
const images = (_: unknown, indices: readonly number[]) =>
  Promise.resolve({
    indices: [...indices],
    shape: [2, 2, 1] as [number, number, number],
    clean: new Float32Array(4 * indices.length).fill(0.25),
    perturbed: new Float32Array(4 * indices.length).fill(0.75),
  });

/** All files below a folder with what is in them. */
const filesIn = (folder: string) =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => statSync(path.join(folder, file)).isFile())
      .sort()
      .map((file) => [file, readFileSync(path.join(folder, file), 'latin1')]),
  );

/**
 * The tests that every reporter has to pass, for any test runner:
 * `for (const { name, run } of reporterConformance(row)) it(name, run)`.
 */
export function reporterConformance({ reporter, params = {} }: ReporterConformanceRow): ConformanceCase[] {
  const options = structuredClone(params);
  const complaints = checkAgainst(reporter.params, options);
  const declared = complaints.length > 0 ? [] : (reporter.files?.(options) ?? []).map((file) => file.path);

  /** Tells the reporter of a run; gives what it printed. */
  const tell = async (folder: string, events: readonly RunEvent[]) => {
    let printed = '';
    const stdout = { write: (text: string) => (printed += text) };
    const it = await reporter.open({
      folder,
      cwd: path.dirname(folder),
      stdout,
      env: {},
      images,
      params: structuredClone(options),
    });
    for (const event of events) await it.onEvent(event);
    const ended = events.at(-1)?.type === 'run-done';
    if (ended) await it.onEnd?.(declared.map((file) => ({ path: path.join(folder, file) })));
    return printed;
  };
  const test = (name: string, run: (folder: string) => Promise<void>) => ({
    name: `${reporter.name}: ${name}`,
    run: async () => {
      assert.deepEqual(complaints, [], 'the parameters are not valid');
      const home = mkdtempSync(path.join(tmpdir(), 'gauntlet-reporter-'));
      const folder = path.join(home, 'run');
      mkdirSync(folder);
      try {
        await run(folder);
        assert.deepEqual(readdirSync(home), ['run'], 'it wrote beside the run folder');
      } finally {
        rmSync(home, { recursive: true, force: true });
      }
    },
  });
  const isDeclared = (file: string) =>
    declared.some((one) => file === one || file.startsWith(`${one}${path.sep}`));

  return [
    test('changes nothing of what it is told, and says the same of it again', async (folder) => {
      const once = async () => [await tell(folder, eventsOf('v')), filesIn(folder)] as const;
      const first = await once();
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      assert.deepEqual(await once(), first);
    }),
    test('writes no report before the run has one', async (folder) => {
      await tell(folder, eventsOf('v').slice(0, -1));
      // Pictures of cells that are done may be there: a file could be taken for the report of the whole.
      const whole = declared.map((file) => statSync(path.join(folder, file), { throwIfNoEntry: false }));
      whole.forEach((found, i) => assert.ok(!found?.isFile(), declared[i]));
    }),
    test('throws where it cannot write', async (folder) => {
      await tell(folder, eventsOf('v'));
      for (const file of declared.map((one) => path.join(folder, one)).filter((one) => existsSync(one))) {
        const isFolder = statSync(file).isDirectory();
        rmSync(file, { recursive: true });
        // Something of the other kind stands in the way.
        if (isFolder) writeFileSync(file, '');
        else mkdirSync(path.join(file, 'in-the-way'), { recursive: true });
        await assert.rejects(
          tell(folder, eventsOf('v')),
          `${file} could not be written, and it said nothing`,
        );
        rmSync(file, { recursive: true });
      }
    }),
    ...hostile.map((text) =>
      test(`writes only the files it says, with ${JSON.stringify(text.slice(0, 30))} everywhere`, async (folder) => {
        const printed = await tell(folder, eventsOf(text));
        assert.doesNotMatch(printed, control, 'control characters are printed');
        assert.doesNotMatch(printed, commands, "a user's words begin a line: CI takes them for a command");
        const others = [...filesIn(folder).keys()].filter((file) => !isDeclared(file));
        assert.deepEqual(others, [], 'these are not among its "files"');
      }),
    ),
  ];
}
