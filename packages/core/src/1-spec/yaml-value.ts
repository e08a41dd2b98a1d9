import { type Alias, type Document, isNode, Lexer, type LineCounter, parseDocument, visit } from 'yaml';
import { GauntletError, type Place, reasonOf } from '@gauntlet/api';

/** Deeper nesting exhausts the parser's stack, which can end the process. A spec has less than twenty levels. */
const deepest = 100;
/** Each level of block style takes a character at the beginning of a line. */
const widest = 1000;

/**
 * A YAML (or JSON) text and what it says in plain values.
 * @throws GauntletError `spec-syntax` with the place, for aliases that lead nowhere, in a circle, or grow without end too
 */
export function parseYaml(
  text: string,
  lines: LineCounter,
  at: (offset: number) => Place,
): { document: Document; value: unknown } {
  const wrong = (message: string, offset: number, cause?: unknown) =>
    new GauntletError('spec-syntax', message, { place: at(offset), cause });
  const deep = tooDeep(text);
  if (deep !== undefined)
    throw new GauntletError('spec-syntax', `The spec is nested more than ${deepest} levels deep.`, {
      place: { ...at(0), line: deep, column: 1 },
    });
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  if (document.errors.length > 0) throw wrong(document.errors[0].message, document.errors[0].pos[0]);
  visit(document, {
    Alias(_, alias, path) {
      const { source } = alias;
      const target = alias.resolve(document);
      if (!target)
        throw wrong(`The alias *${source} has no anchor: write &${source} before it.`, startOf(alias));
      if (path.some((node) => isNode(node) && node === target))
        throw wrong(`The alias *${source} is part of what it stands for.`, startOf(alias));
    },
  });
  try {
    return { document, value: document.toJS() as unknown };
  } catch (error) {
    throw wrong(`The spec's aliases cannot be written out: ${reasonOf(error)}.`, 0, error);
  }
}

const startOf = (alias: Alias): number => alias.range?.[0] ?? 0;

/** The line on which nesting becomes too deep. */
function tooDeep(text: string): number | undefined {
  const margin = text.split('\n').findIndex((line) => /^[\s\-?:]*/.exec(line)![0].length > widest);
  if (margin >= 0) return margin + 1;
  let depth = 0;
  let line = 1;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    if (depth > deepest) return line;
    for (const character of token) if (character === '\n') line++;
  }
  return undefined;
}
