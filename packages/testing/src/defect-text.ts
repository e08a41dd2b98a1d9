import type { Defect } from '@gauntlet/api';

/** A number as a person reads it. */
export const short = (value: number): string => String(Number(value.toPrecision(3)));

/** What is wrong with an image, as the rest of a sentence about it. */
export const defectText = ({ kind, amount }: Defect): string => {
  if (kind === 'outside-epsilon') return `leaves the ball by ${short(amount)}`;
  if (kind === 'outside-box') return `leaves the victim's bounds by ${short(amount)}`;
  if (kind === 'not-finite') return `has ${amount} values that are not finite`;
  return `is ${kind} by ${short(amount)}`;
};
