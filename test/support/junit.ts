import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { validateXML } from 'xmllint-wasm';
import { shared } from './needs.js';

const own = readFileSync(path.join(import.meta.dirname, 'junit.xsd'), 'utf8');
const jenkins = shared('schemas/junit-10.xsd');
/** Ours, and the one of Jenkins' xunit plugin where it lies beside the repository. */
const schemas = [own, ...(existsSync(jenkins) ? [readFileSync(jenkins, 'utf8')] : [])];

/** What either schema refuses in documents. A call starts a thread and compiles libxml2, which costs more than what it does. */
async function refusals(documents: readonly { fileName: string; contents: string }[]): Promise<string[]> {
  const results = await Promise.all(schemas.map((schema) => validateXML({ xml: documents, schema })));
  return results.flatMap(({ errors }) => errors.map(({ rawMessage }) => rawMessage));
}

/** What is wrong with a JUnit document: what either schema refuses, and counts that are not those of its cases. */
export const junitProblems = async (xml: string): Promise<string[]> => [
  ...(await refusals([{ fileName: 'junit.xml', contents: xml }])),
  ...miscounted(xml),
];

/** A schema cannot count. The document is one of Gauntlet's: suites hold no suites. */
function miscounted(xml: string): string[] {
  const [root, ...suites] = xml.replaceAll(/<!\[CDATA\[.*?\]\]>/gs, '').split(/(?=<testsuite )/);
  return [root + suites.join(''), ...suites].flatMap((part) => {
    const [start] = /<testsuites?\b(?:[^>"]|"[^"]*")*>/.exec(part)!;
    return Object.entries({ tests: 'testcase', failures: 'failure', errors: 'error' }).flatMap(
      ([counted, element]) => {
        const said = new RegExp(` ${counted}="(\\d+)"`).exec(start)?.[1];
        const found = part.split(new RegExp(`<${element}[ />]`)).length - 1;
        return said === String(found) ? [] : [`${start}: there are ${found} ${counted}`];
      },
    );
  });
}

/** JUnit files that commands have written in this file of tests, as they were then. */
let written: { place: string; contents: string }[] = [];

/** Fails if one of them would be refused by a CI system. Called when a file of tests ends, for all of them at once. */
export async function checkWrittenJunit(): Promise<void> {
  const files = written;
  written = [];
  if (files.length === 0) return;
  const documents = files.map(({ contents }, i) => ({ fileName: `${i}.xml`, contents }));
  const problems = (await refusals(documents)).map((problem) =>
    problem.replace(/^(\d+)\.xml/, (name, i: string) => files[Number(i)]?.place ?? name),
  );
  if (problems.length > 0) throw new Error(`No valid JUnit:\n${problems.join('\n')}`);
}

/**
 * Keeps what JUnit a command has written for `checkWrittenJunit`, and fails if its counts are wrong. Looks where commands
 * write: into `--output`, and into gauntlet-report beside the specs that are named or in the folder where the command ran.
 */
export function keepWrittenJunit(args: readonly string[], cwd: string, since: number): void {
  const at = args.indexOf('--output');
  const named = args.slice(1).filter((arg) => !arg.startsWith('-'));
  const places = [cwd, ...named.flatMap((arg) => [arg, path.dirname(arg)])];
  const folders = [
    ...(at < 0 ? [] : [args[at + 1]]),
    ...places.map((place) => path.join(place, 'gauntlet-report')),
  ];
  const files = new Set(folders.flatMap((folder) => junitFiles(path.resolve(cwd, folder))));
  for (const file of files) {
    if (statSync(file).mtimeMs < since) continue;
    const contents = readFileSync(file, 'utf8');
    const problems = miscounted(contents);
    if (problems.length > 0) throw new Error(`${file} is no valid JUnit:\n${problems.join('\n')}`);
    written.push({ place: file, contents });
  }
}

/** Runs of several specs have a folder each. */
function junitFiles(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return [folder, ...readdirSync(folder).map((name) => path.join(folder, name))]
    .map((place) => path.join(place, 'junit.xml'))
    .filter((file) => existsSync(file));
}
