/** Longest time of Node's timers, in milliseconds: one that is set to more ends at once. */
const longest = 2 ** 31 - 1;

/**
 * A signal that is aborted after so many seconds: a millisecond at the least, 24 days at the most.
 * @param seconds Above 0; Node itself takes whole milliseconds only.
 */
export const timeLimit = (seconds: number): AbortSignal =>
  AbortSignal.timeout(Math.min(longest, Math.ceil(1000 * seconds)));
