import type { Paint } from '../paint.js';
import { percent } from '../text.js';
import { textTable } from '../text-table.js';
import type { History } from './history.js';

/** A table for each victim and threat model, the newest run last. */
export function historyTables(histories: readonly History[], paint: Paint): string {
  return histories
    .map(({ spec, victim, threat, moments }) => {
      const table = textTable(['commit or day', 'started', 'at worst [95 %]', 'n', 'by'], paint);
      for (const { label, startedAt, value, interval, n, by, changed } of moments) {
        const range = interval ? ` [${interval.map((one) => (100 * one).toFixed(0)).join(', ')}]` : '';
        const started = startedAt.slice(0, 16).replace('T', ' ');
        table.push([
          label,
          started,
          percent(value) + range,
          String(n),
          by + (changed ? ' (other attacks or data)' : ''),
        ]);
      }
      return `${paint('bold', `${victim}, ${threat}`)}; ${spec}\n${table.toString()}`;
    })
    .join('\n\n');
}
