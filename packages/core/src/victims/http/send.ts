import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '@gauntlet/api';
import { timeLimit } from '../../time-limit.js';

/** A request that was not answered as it should be. */
export class NoAnswer extends Error {
  /** Whether to ask again, and after how many seconds at least. */
  readonly again: boolean;
  readonly wait: number;

  constructor(message: string, { again = true, wait = 0 } = {}) {
    super(message);
    this.again = again;
    this.wait = wait;
  }
}

export interface Sending {
  url: string;
  headers: Record<string, string>;
  /** Seconds. */
  timeout: number;
  retries: number;
  /** Takes out of a text what nobody should see. */
  hide: (text: string) => string;
  /** Waits until the next request may be sent. */
  turn: () => Promise<void>;
}

/** Longest answer that is read, and longest wait that a server may ask for. */
const [mostBytes, longestWait] = [256 * 2 ** 20, 300];
/** Seconds before the first retry; doubled for each further one up to the second. */
const [firstWait, lastWait] = [0.25, 30];

/**
 * Posts JSON and gives what `read` makes of the answer. Failures of the network, time-outs, 408, 425, 429, 5xx and answers
 * that `read` refuses are tried again, later each time, and not before the `Retry-After` of the server.
 * @throws NoAnswer the last failure, once there are no retries left
 */
export async function post<T>(
  body: unknown,
  { turn, retries, ...request }: Sending,
  read: (answer: unknown) => T,
): Promise<T> {
  const text = JSON.stringify(body);
  for (let attempt = 0; ; attempt++) {
    await turn();
    try {
      return read(await once(text, request));
    } catch (error) {
      if (!(error instanceof NoAnswer) || !error.again) throw error;
      if (attempt === retries)
        throw new NoAnswer(retries > 0 ? `${error.message}, ${retries + 1} times` : error.message);
      await sleep(1000 * Math.max(error.wait, Math.min(lastWait, firstWait * 2 ** attempt)));
    }
  }
}

async function once(
  body: string,
  { url, headers, timeout, hide }: Pick<Sending, 'url' | 'headers' | 'timeout' | 'hide'>,
): Promise<unknown> {
  const signal = timeLimit(timeout);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      signal,
      // A header with a secret goes to the address of the spec and to no other.
      redirect: 'error',
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw refusal(response);
    }
    return parsed(await textOf(response), hide);
  } catch (error) {
    if (error instanceof NoAnswer) throw error;
    if (signal.aborted) throw new NoAnswer(`gave no answer within ${timeout} s`);
    const { cause } = error as { cause?: unknown };
    throw new NoAnswer(`cannot be reached (${reasonOf(cause ?? error)})`);
  }
}

function refusal({ status, statusText, headers }: Response): NoAnswer {
  const again = [408, 425, 429].includes(status) || status >= 500;
  const wait = secondsOf(headers.get('retry-after'));
  const message = `answered ${status} ${statusText}`.trim();
  if (again && wait > longestWait)
    return new NoAnswer(`${message} and asks to wait ${Math.ceil(wait)} s`, { again: false });
  return new NoAnswer(message, { again, wait });
}

/** `Retry-After`: seconds, or a date. */
function secondsOf(after: string | null): number {
  if (after === null) return 0;
  const seconds = /^\d+$/.test(after.trim()) ? Number(after) : (Date.parse(after) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}

async function textOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += (part as Uint8Array).length;
    if (size > mostBytes) throw new NoAnswer(`answered more than ${mostBytes} bytes`, { again: false });
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parsed(text: string, hide: Sending['hide']): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Hidden before it is cut: part of a secret would be one, too.
    const shown = hide(text).replace(/\s+/g, ' ');
    throw new NoAnswer(`answered no JSON ("${shown.slice(0, 60)}${shown.length > 60 ? '…' : ''}")`);
  }
}

/** At most `rate` turns a second, evenly; without a rate, at once. */
export function turns(rate: number | undefined): () => Promise<void> {
  let next = 0;
  return async () => {
    if (rate === undefined) return;
    const now = performance.now();
    const at = Math.max(now, next);
    next = at + 1000 / rate;
    if (at > now) await sleep(at - now);
  };
}
