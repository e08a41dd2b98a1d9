import { expect, it } from 'vitest';
import { timeLimit } from './time-limit.js';

it('takes parts of a millisecond, and months', async () => {
  for (const seconds of [1e-9, 0.0025]) {
    const signal = timeLimit(seconds);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    expect((signal.reason as Error).name).toBe('TimeoutError');
  }
  const months = timeLimit(1e9);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(months.aborted).toBe(false);
});
