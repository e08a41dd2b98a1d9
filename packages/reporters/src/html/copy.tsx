import { plain } from '../text.js';

/** Copies a command; shown only where the page's script runs, which does it. */
export function Copy({ command, label }: { command: string; label: string }) {
  const text = plain(command, 500);
  return (
    <button type="button" class="copy" data-copy={text} title={text}>
      {label}
    </button>
  );
}
