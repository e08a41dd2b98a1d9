import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { XmlDocument, XmlLibError, XsdValidator } from 'libxml2-wasm';
import { shared } from './needs.js';

const jenkins = shared('schemas/junit-10.xsd');
/** Ours, and the one of Jenkins' xunit plugin where it lies beside the repository. */
const schemas = [path.join(import.meta.dirname, 'junit.xsd'), jenkins]
  .filter((file) => existsSync(file))
  .map((file) => XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(file))));

/** What is wrong with a JUnit document: what either schema refuses, and counts that are not those of its cases. */
export const junitProblems = (xml: string): string[] => [
  ...schemas.flatMap((schema) => refusals(xml, schema)),
  ...miscounted(xml),
];

function refusals(xml: string, schema: XsdValidator): string[] {
  try {
    using document = XmlDocument.fromString(xml);
    schema.validate(document);
    return [];
  } catch (error) {
    if (!(error instanceof XmlLibError)) throw error;
    return error.details.map(({ line, message }) => `${line}: ${message.trim()}`);
  }
}

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

/**
 * Fails if a JUnit file that a command has written would be refused by a CI system. Looks where commands write: into
 * `--output`, and into gauntlet-report beside the specs that are named or in the folder where the command ran.
 */
export function checkWrittenJunit(args: readonly string[], cwd: string, since: number): void {
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
    const problems = junitProblems(readFileSync(file, 'utf8'));
    if (problems.length > 0) throw new Error(`${file} is no valid JUnit:\n${problems.join('\n')}`);
  }
}

/** Runs of several specs have a folder each. */
function junitFiles(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return [folder, ...readdirSync(folder).map((name) => path.join(folder, name))]
    .map((place) => path.join(place, 'junit.xml'))
    .filter((file) => existsSync(file));
}
