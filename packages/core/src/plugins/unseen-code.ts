/** Places in code, `file:line: what`, that take in what is not known before it runs. */
export interface Unseen {
  /** Loads code or data by a name that is computed. */
  loads?: string;
  /** Reads files, or asks other processes or machines. */
  reads?: string;
}

/** A load whose argument is anything but one text between quotes. */
const computedLoad = new RegExp(
  [
    String.raw`\b(?:import|require)\s*\(\s*(?!['"\`)])[^)]`,
    String.raw`\b(?:import|require)\s*\(\s*(['"\`])[^'"\`\n]*\1\s*[^\s,)]`,
    '\\b(?:import|require)\\s*\\(\\s*`[^`]*\\$\\{',
    String.raw`\bcreateRequire\b`,
  ].join('|'),
);

const outside = /(['"])(?:node:)?(?:fs|fs\/promises|child_process|http|https|http2|net|dgram)\1|\bfetch\s*\(/;

/** Reading that names its file: `readFileSync(new URL('…', import.meta.url))`, also in two steps. */
const namedRead = /\breadFile(?:Sync)?\s*\(\s*new\s+URL\s*\(\s*(['"`])[^'"`\n$]+\1\s*,\s*import\.meta\.url/g;
const anyUse =
  /\b(?:readFile|readFileSync|createReadStream|open|openSync|readdir|readdirSync|opendir|exec|execFile|execFileSync|execSync|spawn|spawnSync|fork|request|get|connect)\s*\(/g;

/** What of a module's code cannot be followed by reading it. It may see too much (in a comment), never too little of these. */
export function findUnseen(text: string, file: string): Unseen {
  const place = (at: number) => {
    const line = text.slice(0, at).split('\n').length;
    return `${file}:${line}: ${text.split('\n')[line - 1].trim().slice(0, 80)}`;
  };
  const load = computedLoad.exec(text);
  const door = outside.exec(text);
  const named = [...text.matchAll(namedRead)].length;
  const reads = door && (door[0].startsWith('fetch') || [...text.matchAll(anyUse)].length > named);
  return { ...(load && { loads: place(load.index) }), ...(reads && { reads: place(door.index) }) };
}
