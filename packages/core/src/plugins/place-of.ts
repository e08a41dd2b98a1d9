import path from 'node:path';
import { GauntletError } from '@gauntlet/api';

/**
 * Where in a plugin's file an error comes from, ` (mine.ts:32)`, by its stack; nothing for an error that says itself what to do.
 * @param url Of the plugin's module.
 */
export function placeOf(error: unknown, url: string): string {
  if (!(error instanceof Error) || error instanceof GauntletError) return '';
  const name = path.posix.basename(decodeURIComponent(new URL(url).pathname));
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s*at /.test(line));
  for (const frame of frames) {
    const [, file, line] = /([^\\/()\s]+):(\d+):\d+\)?$/.exec(frame) ?? [];
    if (file !== undefined && decodeURIComponent(file) === name) return ` (${name}:${line})`;
  }
  return '';
}
