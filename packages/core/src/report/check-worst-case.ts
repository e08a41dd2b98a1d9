import type { Report, WorstCaseReport } from '@gauntlet/api';
import { judgeWorstCase } from '../4-judge/worst-case.js';
import { checkJudgement } from './check-cell.js';
import type { Refuse } from './refuse.js';

/** A worst case judged anew from the cells, which are checked already. */
export function checkWorstCase(stated: WorstCaseReport, report: Report, refuse: Refuse): WorstCaseReport {
  const { victim, cells: ids, threat } = stated;
  const members = report.cells.filter(({ id }) => ids.includes(id));
  const other = members.find((cell) => cell.victim !== victim || !sameBall(cell.threat, threat));
  if (other) refuse('cells', `"${other.id}" is of another victim or has another threat model.`);
  const odd = stated.expectations.findIndex(({ metric }) => metric !== 'robustAccuracy' && metric !== 'asr');
  if (odd >= 0) refuse(`expectations[${odd}].metric`, 'a worst case has robustAccuracy and asr.');
  const expectations = stated.expectations.map(({ metric, min, max, confidence }) => ({
    metric,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(confidence !== undefined && { confidence }),
  }));
  const judged = judgeWorstCase({ ...stated, expectations }, report.cells, report.victims, report);
  checkJudgement(stated, judged, refuse);
  return judged;
}

const sameBall = (a: WorstCaseReport['threat'], b: WorstCaseReport['threat']): boolean =>
  a.norm === b.norm && a.epsilon === b.epsilon && (a.target ?? null) === (b.target ?? null);
