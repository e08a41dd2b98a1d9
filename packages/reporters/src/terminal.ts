import { createLogUpdate } from 'log-update';
import { defineReporter, type Reporter, type RunEvent } from '@gauntlet/api';
import { colours, hasColour, noColours, type Paint, widthOf } from './paint.js';
import { shownFolder } from './replay.js';
import { standingOf } from './standing.js';
import { quietSummary, summary } from './summary.js';
import { duration, plain, withoutCommands } from './text.js';
import { verdictText } from './verdict-text.js';

export interface TerminalOptions {
  stream: NodeJS.WritableStream;
  /** Run folder as it is shown, for the replay commands. */
  folder: string;
  /** Redraw a progress block; otherwise lines are only appended, as CI logs want it. */
  live: boolean;
  colour: boolean;
  /** Characters of a line; any number by default. */
  width?: number;
  /** End with the table of cells and what did not pass. */
  summary?: boolean;
  /** Nothing on the way, and at the end only what did not pass. */
  quiet?: boolean;
}

interface Tally {
  samples: number;
  done: number;
  /** Worker seconds spent on the `fresh` samples of this run (`done` may include an earlier one's). */
  seconds: number;
  fresh: number;
}

/** On standard output: drawn again in place on a terminal, in lines where a log is kept. */
export const terminalPlugin = defineReporter({
  name: 'terminal',
  version: 1,
  description: 'progress and the summary on standard output',
  params: {
    type: 'object',
    additionalProperties: false,
    properties: {
      summary: {
        type: 'boolean',
        default: true,
        description: 'End with the table of cells and what did not pass',
      },
      quiet: {
        type: 'boolean',
        default: false,
        description: 'Nothing on the way, and at the end only what did not pass',
      },
    },
  },
  open: ({ folder, cwd, stdout, env, params: { summary, quiet } }) =>
    terminalReporter({
      // What draws in place asks for more of a stream than it uses.
      stream: stdout as NodeJS.WritableStream,
      folder: shownFolder({ folder, cwd }),
      live: stdout.isTTY === true && !env.CI,
      colour: hasColour({ stdout, env }),
      width: widthOf({ stdout, env }),
      summary,
      quiet,
    }),
});

/** What did not pass, once it is over. */
const quietReporter = ({ stream, folder }: TerminalOptions, paint: Paint): Reporter => ({
  onEvent(event) {
    if (event.type === 'run-done')
      stream.write(`${withoutCommands(quietSummary(event.report, folder, paint))}\n`);
  },
});

/** Progress while the run goes on, the summary at its end, then where everything is. */
export function terminalReporter(options: TerminalOptions): Reporter {
  const { stream, folder, live, colour, width = Infinity, summary: ends = true, quiet = false } = options;
  const paint: Paint = colour ? colours : noColours;
  if (quiet) return quietReporter(options, paint);
  const update = live ? createLogUpdate(stream) : undefined;
  const tallies = new Map<string, Tally>();
  let started = Date.now();
  let fresh = 0;
  let workers = 1;

  const print = (line: string) => {
    update?.clear();
    stream.write(`${withoutCommands(line)}\n`);
    draw();
  };
  const draw = () => update?.(progress());
  const progress = () => {
    const open = [...tallies].filter(([, { done, samples }]) => done < samples);
    const rate = fresh / ((Date.now() - started) / 1000);
    const lines = open
      .slice(0, 8)
      .map(([cell, { done, samples }]) => `  ${bar(done / samples)} ${done}/${samples} ${plain(cell, 60)}`);
    const speed =
      fresh > 0
        ? `${rate.toFixed(1)} samples/s, ${timeLeft(
            open.map(([, tally]) => tally),
            workers,
          )}`
        : 'starting';
    return [...lines, paint('dim', `  ${speed}`)].join('\n');
  };

  const on = (event: RunEvent): void => {
    switch (event.type) {
      case 'run-started':
        started = Date.now();
        workers = Math.max(1, event.workers);
        for (const { id, samples, reused } of event.cells)
          tallies.set(id, { samples, done: reused, seconds: 0, fresh: 0 });
        print(
          `${plain(event.spec, 1000)}: ${event.cells.length} cell${event.cells.length === 1 ? '' : 's'}, ${event.workers} worker${event.workers === 1 ? '' : 's'}`,
        );
        break;
      case 'note':
        print(paint('dim', plain(event.message, 500)));
        break;
      case 'retry':
        print(
          paint(
            'yellow',
            plain(`${event.cell}: ${event.reason}; ${event.samples} samples are tried once more`, 500),
          ),
        );
        break;
      case 'chunk-done': {
        const tally = tallies.get(event.cell)!;
        tally.done += event.outcomes.length;
        tally.fresh += event.outcomes.length;
        tally.seconds += event.seconds;
        fresh += event.outcomes.length;
        if (live) draw();
        else
          print(`${plain(event.cell)}: ${tally.done}/${tally.samples} samples (${duration(event.seconds)})`);
        break;
      }
      case 'cell-done':
        print(
          `${verdictText(standingOf(event.cell), paint)} ${plain(event.cell.id)}${event.reused ? paint('dim', ' (reused)') : ''}`,
        );
        break;
      case 'run-done':
        update?.clear();
        stream.write(ends ? `\n${withoutCommands(summary(event.report, folder, paint, width))}\n` : '\n');
    }
  };
  return {
    onEvent: on,
    onEnd(written) {
      if (!ends) return;
      for (const { path: file, note } of written)
        stream.write(`${withoutCommands(plain(`${file}${note ? `: ${note}` : ''}`, 1000))}\n`);
    },
  };
}

/** Attacks differ a thousandfold in cost, so each cell is reckoned by its own chunks; before its first, it is unknown. */
function timeLeft(open: readonly Tally[], workers: number): string {
  const known = open.filter(({ fresh }) => fresh > 0);
  const seconds = known.reduce(
    (sum, { samples, done, seconds, fresh }) => sum + ((samples - done) * seconds) / fresh,
    0,
  );
  if (known.length === open.length) return `about ${duration(seconds / workers)} left`;
  return `${open.length - known.length} cell${open.length - known.length === 1 ? '' : 's'} not started`;
}

function bar(share: number): string {
  const width = 20;
  const filled = Math.round(share * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
