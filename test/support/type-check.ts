import path from 'node:path';
import ts from 'typescript';
import { repository } from './cli.js';
import type { Block } from './pages.js';

/** A block's file: what its first line calls it (`// name.ts`), else a name of its own. One folder for each page. */
function fileOf({ page, line, language, text }: Block): string {
  const name = /^\/\/ ([\w.-]+\.[cm]?[jt]s)\b/.exec(text)?.[1] ?? `line-${line}.${language}`;
  return path.join(repository, 'test/.pages', page.replaceAll(/\W+/g, '-'), name);
}

/** Compiles all blocks in one program; gives `page:line: message` for what is wrong. Blocks of a page may import each other. */
export function typeErrors(blocks: readonly Block[]): string[] {
  const files = new Map(blocks.map((block) => [fileOf(block), block]));
  const { config } = ts.readConfigFile(path.join(repository, 'tsconfig.base.json'), (file) =>
    ts.sys.readFile(file),
  ) as { config: { compilerOptions: object } };
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...config.compilerOptions,
      composite: false,
      emitDeclarationOnly: false,
      declaration: false,
      declarationMap: false,
      noEmit: true,
      allowJs: true,
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
    repository,
  );
  const disk = ts.createCompilerHost(options);
  const folders = new Set([...files.keys()].map((file) => path.dirname(file)));
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (file) => files.has(path.normalize(file)) || disk.fileExists(file),
    readFile: (file) => files.get(path.normalize(file))?.text ?? disk.readFile(file),
    directoryExists: (folder) => folders.has(path.normalize(folder)) || disk.directoryExists!(folder),
    getSourceFile: (file, version, ...rest) => {
      const block = files.get(path.normalize(file));
      return block
        ? ts.createSourceFile(file, block.text, version, true)
        : disk.getSourceFile(file, version, ...rest);
    },
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, '\n');
    const block = file && files.get(path.normalize(file.fileName));
    if (!block) return message;
    return `${block.page}:${block.line + file.getLineAndCharacterOfPosition(start).line}: ${message}`;
  });
}
