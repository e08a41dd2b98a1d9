import { createRequire } from 'node:module';
import type Table from 'cli-table3';
import type { Paint } from './paint.js';

const require = createRequire(import.meta.url);

/** A table of text without lines between its rows. What draws it is loaded with the first table, at the end of a run. */
export function textTable(head: readonly string[], paint: Paint): Table.Table {
  const Text = require('cli-table3') as typeof Table;
  return new Text({
    head: head.map((text) => paint('bold', text)),
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
}
