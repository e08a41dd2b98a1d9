import type { ThreatModel } from '../threat/threat-model.js';
import type { Finding } from './finding.js';
import type { ExpectationResult, Verdict } from './verdict.js';

/** All attacks of one threat model on a victim together: a sample is broken if any of them breaks it. */
export interface WorstCaseReport {
  victim: string;
  threat: ThreatModel;
  /** Ids of the cells that it is made of by the spec; a run may lack some. */
  cells: string[];
  verdict: Exclude<Verdict, 'measured'>;
  /** What takes a pass away: of the samples, or of every single attack. */
  findings: Finding[];
  expectations: ExpectationResult[];
}
