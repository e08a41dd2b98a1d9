import type { RunEvent } from '@gauntlet/core';

/** A consumer of a run's events. Everything a reporter knows, it knows from these. */
export interface Reporter {
  onEvent(event: RunEvent): void | Promise<void>;
}
