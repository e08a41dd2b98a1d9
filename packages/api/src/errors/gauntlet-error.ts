/** Where in a user's file something is wrong; `line` and `column` count from 1. */
export interface Place {
  file: string;
  line?: number;
  column?: number;
}

/**
 * Every error that a user can cause or can do something about. Anything else that is thrown is a defect of
 * Gauntlet or of a plugin. `code` is stable, `message` says what to do, `place` points into the user's file.
 */
export class GauntletError extends Error {
  override readonly name = 'GauntletError';
  readonly code: string;
  readonly place?: Place;

  constructor(code: string, message: string, options: { place?: Place; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.place = options.place;
  }

  /** `file:line:column: message [code]`, as compilers print it. */
  override toString(): string {
    const { file, line, column } = this.place ?? {};
    const where = [file, line, column].filter((part) => part !== undefined).join(':');
    return `${where ? `${where}: ` : ''}${this.message} [${this.code}]`;
  }
}

/** Errors cross the process boundary as plain objects; this gives them their class back. */
export function reviveError(error: unknown): Error {
  const data = error as { name?: string; code?: string; message?: string; place?: Place; stack?: string };
  if (error instanceof Error && data.name !== 'GauntletError') return error;
  if (data?.name === 'GauntletError') {
    return new GauntletError(data.code ?? 'unknown', data.message ?? '', { place: data.place });
  }
  return new Error(data?.message ?? String(error));
}

/** Characters of a reason; it is in the report of each sample that it is the reason for. */
const longestReason = 2000;

/** The one sentence of an error, without a stack; cut where it is longer than a page. */
export function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  const more = reason.length - longestReason;
  return more > 0 ? `${reason.slice(0, longestReason)}… (${more} characters more)` : reason;
}
