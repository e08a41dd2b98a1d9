import type { ThreatModel } from '@gauntlet/api';

/* eslint-disable no-control-regex -- control characters are what this file is about */

/** User strings on a terminal: no escape sequences, no line breaks, not endless. */
export function plain(text: string, longest = 200): string {
  const visible = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '�');
  return visible.length > longest ? `${visible.slice(0, longest - 1)}…` : visible;
}

/** User strings in XML: what no XML 1.0 document may contain, even escaped, is replaced. Line breaks stay. */
export function xmlText(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    '�',
  );
}

/** The same for a CDATA section, which its own end mark would end and which knows no escapes. */
export const cdataText = (text: string) => xmlText(text).replaceAll(']]>', ']] >');

export const percent = (value: number) => `${(100 * value).toFixed(1)} %`;

export const signedPercent = (value: number) => `${value > 0 ? '+' : ''}${percent(value)}`;

export const number = (value: number) => String(Number(value.toPrecision(4)));

/** Seconds to a thousandth: JUnit's readers refuse more decimals. */
export const milliseconds = (seconds: number) => Math.round(seconds * 1000) / 1000;

export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Small probabilities would be all zeros. */
export const probability = (p: number): string =>
  p < 1e-3 && p > 0 ? p.toExponential(1) : String(Number(p.toPrecision(2)));

/** What an attack may do: `linf ≤ 0.1, l2 ≤ 2 by the spec`. */
export const threatText = ({ norm, epsilon, target, also }: ThreatModel): string =>
  `${norm === 'none' ? 'box only' : `${norm} ≤ ${number(epsilon)}`}${also ? `, ${also.norm} ≤ ${number(also.epsilon)} by the spec` : ''}${target === undefined || target === null ? '' : `, target ${target}`}`;
