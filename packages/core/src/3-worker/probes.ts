import type { ProbeResult } from './task.js';

/** What opening a victim found out, by the victim's name. */
export type Probes = ReadonlyMap<string, ProbeResult>;
