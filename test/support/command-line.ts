import { gauntlet } from './cli.js';

/** What the command line says it knows: the options of each command, by the command's words. */
export type Help = ReadonlyMap<string, ReadonlySet<string>>;

const optionsIn = (help: string) =>
  new Set(
    [...help.matchAll(/^ {2,}(?:(-\w), )?(--[\w-]+)/gm)].flatMap(([, short, long]) =>
      short ? [short, long] : [long],
    ),
  );
const commandsIn = (help: string) =>
  [...help.matchAll(/^ {2}gauntlet ((?:[a-z]+ ?)+)/gm)].map(([, words]) => words.trim());

/** Asks every command for its help. */
export async function readHelp(): Promise<Help> {
  const ask = async (...words: string[]) => (await gauntlet(...words, '--help')).stdout;
  const found = new Map<string, ReadonlySet<string>>();
  const root = await ask();
  found.set('', optionsIn(root));
  const read = async (words: string) => {
    const help = await ask(...words.split(' '));
    found.set(words, optionsIn(help));
    await Promise.all(
      commandsIn(help)
        .filter((inner) => inner.startsWith(`${words} `))
        .map(read),
    );
  };
  await Promise.all(commandsIn(root).map(read));
  return found;
}

const call =
  /(?:npm run (?:--silent )?gauntlet --|npx --no -- @gauntlet\/cli|node (?:--[\w-]+ )*packages\/cli\/bin\/gauntlet\.js|(?<![\w./@-])gauntlet)(?= |$) ?(.*)/;

/** What is wrong with the calls of the command line in a text, one line each (a backslash continues it). */
export function wrongCalls(text: string, help: Help): string[] {
  const lines = text
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, ''));
  return lines.flatMap((line) => {
    const rest = call.exec(line)?.[1];
    if (rest === undefined || /^(…|\.\.\.)?$/.test(rest)) return [];
    const words = rest.replaceAll(/'[^']*'/g, "''").split(/\s+/);
    const [first, second] = words;
    if (first.startsWith('-'))
      return [...unknown(words, help.get('')!)].map((option) => `${option} is no option: ${line}`);
    const options = help.get(`${first} ${second}`) ?? help.get(first);
    if (!options) return [`there is no command "${first}": ${line}`];
    return unknown(words, options).map((option) => `${first} has no option ${option}: ${line}`);
  });
}

const unknown = (words: readonly string[], options: ReadonlySet<string>) =>
  words.map((word) => word.split('=', 1)[0]).filter((word) => /^--?[a-z]/.test(word) && !options.has(word));
