import { existsSync, lstatSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import {
  GauntletError,
  reasonOf,
  type Reporter,
  type Report,
  type ReporterContext,
  type ReporterNeeds,
  type RunEvent,
} from '@gauntlet/api';
import { cellFolder, readImages, relativeTo, type RunOptions, writeWhole } from '@gauntlet/core';
import type { ChosenReporter } from './choose-reporters.js';

/** What the reporters of a run do, in their order. */
export interface Reporting {
  onEvent(event: RunEvent): Promise<void>;
  /** Once there are no more events. */
  end(): Promise<void>;
  /** Both, for a run that is over. */
  show(report: Report): Promise<void>;
}

/** What a run has to keep for its reporters. */
export function needsOf(chosen: readonly ChosenReporter[]): Pick<RunOptions, 'images' | 'traces'> {
  const most = (what: keyof ReporterNeeds) =>
    Math.max(0, ...chosen.map(({ plugin }) => plugin.needs?.[what] ?? 0)) || undefined;
  const images = most('images');
  return { images: images === undefined ? undefined : { most: images }, traces: most('traces') };
}

/** In a run folder: the files of its reports, relative to it. */
const listOf = (folder: string) => path.join(folder, 'reports.json');

/**
 * Removes what the reporters of an earlier run wrote, these ones and others: neither a run that is killed nor one that
 * makes fewer reports may leave the report of another behind. What these write is noted for the next run.
 */
export function removeReports(chosen: readonly ChosenReporter[], folder: string): void {
  const files = chosen.flatMap(({ plugin, params }) => plugin.files?.(params) ?? []);
  const paths = files.map((one) => path.resolve(folder, one.path));
  for (const file of [...paths, ...notedReports(folder)])
    for (const one of [file, `${file}.part`])
      if (lstatSync(one, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(one);
  const noted = paths.map((file) => relativeTo(folder, file)).filter((file) => !isOutside(file));
  writeWhole(listOf(folder), [`${JSON.stringify(noted, null, 1)}\n`]);
}

const isOutside = (file: string) => file === '' || file.startsWith('..') || path.isAbsolute(file);

/** Absolute; nothing outside of the folder, whatever its list says. */
function notedReports(folder: string): string[] {
  let noted: unknown;
  try {
    noted = JSON.parse(readFileSync(listOf(folder), 'utf8'));
  } catch {
    return [];
  }
  const texts = Array.isArray(noted) ? noted.filter((one) => typeof one === 'string') : [];
  return texts.filter((one) => !isOutside(path.normalize(one))).map((one) => path.join(folder, one));
}

/**
 * Opens reporters for a run. What one of them throws comes out as `report-write`: a report that cannot be written must
 * not look like a pass.
 */
export async function openReporters(
  chosen: readonly ChosenReporter[],
  context: Omit<ReporterContext<unknown>, 'params' | 'images'>,
): Promise<Reporting> {
  const { folder } = context;
  const damaged = new Set<string>();
  const images: ReporterContext<unknown>['images'] = async (cell, indices) => {
    const found: string[] = [];
    const onDamage = (file: string, reason: string) => {
      if (!damaged.has(file)) found.push(`The images in ${file} cannot be shown: ${reason}`);
      damaged.add(file);
    };
    const kept = await readImages(cellFolder(folder, cell), indices, undefined, onDamage);
    for (const message of found) await onEvent({ type: 'note', message });
    return kept;
  };
  const safely = async <T>(name: string, work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const message = `A report cannot be written (${name}): ${reasonOf(error)}`;
      throw new GauntletError('report-write', message, { cause: error });
    }
  };
  const open: { name: string; reporter: Reporter }[] = [];
  for (const { plugin, params } of chosen) {
    const reporter = await safely(plugin.name, () => plugin.open({ ...context, images, params }));
    open.push({ name: plugin.name, reporter });
  }
  const onEvent = async (event: RunEvent) => {
    for (const { name, reporter } of open) await safely(name, () => reporter.onEvent(event));
  };
  const end = async () => {
    const written = chosen
      .flatMap(({ plugin, params }) => plugin.files?.(params) ?? [])
      .map((file) => ({ ...file, path: path.resolve(folder, file.path) }))
      .filter((file) => existsSync(file.path));
    for (const { name, reporter } of open) await safely(name, () => reporter.onEnd?.(written));
  };
  const show = async (report: Report) => {
    await onEvent({ type: 'run-done', report });
    await end();
  };
  return { onEvent, end, show };
}
