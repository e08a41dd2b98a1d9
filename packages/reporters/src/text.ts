import type { ThreatModel } from '@gauntlet/api';

/* eslint-disable no-control-regex -- control characters are what this file is about */

/** Escape sequences and their like, line breaks, and what turns the direction of the text around it. */
const unseen = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** User strings on a terminal: no escape sequences, no line breaks, not endless, no command to a CI server. */
export function plain(text: string, longest = 200): string {
  const visible = withoutCommands(text.replace(unseen, '�'));
  return visible.length > longest ? `${visible.slice(0, longest - 1)}…` : visible;
}

/**
 * Text for a log, line by line, that no CI server takes for a command: GitHub does so where a line begins with `::`, and
 * with `##[` anywhere in it, Azure with `##vso[`. What is printed may begin with a user's words.
 */
export const withoutCommands = (text: string): string =>
  text.replace(/^(\s*):(?=:)/gm, '$1: ').replace(/#(?=#(?:vso)?\[)/g, '# ');

/** The same for text of which nothing is known, such as the message of an error: its line breaks stay. */
export const plainLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => plain(line.replaceAll('\t', ' '), 10_000))
    .join('\n');

/** User strings in XML: what no XML 1.0 document may contain, even escaped, is replaced. Line breaks and tabs stay. */
export function xmlText(text: string): string {
  return text
    .replace(unseen, (one) => (/[\t\n\r]/.test(one) ? one : '�'))
    .replace(/[\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '�');
}

/** An SVG that HTML's rules rendered, as XML: they let `]]>` stand in text, which XML does not. */
export const svgText = (svg: string) => xmlText(svg).replaceAll(']]>', ']]&gt;');

/** The same as `xmlText` for a CDATA section, which its own end mark would end and which knows no escapes. */
export const cdataText = (text: string) => xmlText(text).replaceAll(']]>', ']] >');

/** JSON leaves some of them as they are; escaped they mean the same and do nothing to a terminal. */
export const escapeUnseen = (json: string): string =>
  json.replace(unseen, (one) =>
    one === '\n' ? one : `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

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
export const threatText = ({ norm, epsilon, target, also, family }: ThreatModel): string =>
  `${family !== undefined ? plain(family, 120) : norm === 'none' ? 'box only' : `${norm} ≤ ${number(epsilon)}`}${also ? `, ${also.norm} ≤ ${number(also.epsilon)} by the spec` : ''}${target === undefined || target === null ? '' : `, target ${target}`}`;
