// Writes the API reference from the docstrings of all packages: node scripts/docs-api.mjs [folder], docs/api by default.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { Application, Converter, OptionDefaults } from 'typedoc';
import { entries, root } from './packages.mjs';

const { positionals } = parseArgs({ allowPositionals: true });
const out = path.resolve(positionals[0] ?? path.join(root, 'docs/api'));
const sources = entries.map(({ source }) => source);

const app = await Application.bootstrapWithPlugins({
  plugin: ['typedoc-plugin-markdown'],
  entryPoints: sources,
  name: 'API reference',
  out,
  readme: 'none',
  // The build has checked the types already.
  skipErrorChecking: true,
  blockTags: [...OptionDefaults.blockTags, '@generated'],
  // Angle brackets in docstrings are text, not components of the site.
  sanitizeComments: true,
  useHTMLEncodedBrackets: true,
  router: 'member',
  // One page a name, whatever its kind, below the module that exports it.
  entryFileName: 'index',
  hideBreadcrumbs: true,
  hidePageHeader: true,
  expandObjects: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  disableSources: true,
  excludePrivate: true,
  excludeInternal: true,
  excludeExternals: true,
  githubPages: false,
  // Names of a package that no entry exports are not documented; that is what not exporting them means.
  validation: { notExported: false, invalidLink: true, notDocumented: false },
  treatValidationWarningsAsErrors: true,
  logLevel: 'Warn',
});
const { config } = ts.readConfigFile(path.join(root, 'tsconfig.base.json'), (file) => ts.sys.readFile(file));
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
app.options.setCompilerOptions(
  sources,
  {
    ...options,
    composite: false,
    emitDeclarationOnly: false,
    jsx: ts.JsxEmit.ReactJSX,
    jsxImportSource: 'preact',
    // Packages see each other's sources, so that what they say of each other becomes links.
    paths: Object.fromEntries(entries.map(({ name, source }) => [name, [source]])),
  },
  [],
);
// A module is called what people import, not after its file.
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const child of project.children ?? []) {
    const file = project.getSymbolIdFromReflection(child)?.fileName;
    const entry = entries.find(({ source }) => file && path.resolve(source) === path.resolve(file));
    if (entry) child.name = entry.name;
  }
});

const project = await app.convert();
if (!project) process.exit(1);
app.validate(project);
rmSync(out, { recursive: true, force: true });
await app.generateOutputs(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
console.log(`${path.relative(root, out)}: ${entries.length} modules`);
