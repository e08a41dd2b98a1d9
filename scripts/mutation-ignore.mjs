// A plugin of Stryker's: what it does not change.
const pinned = 'The parameters of attacks are in the schema of specs, a file that test/cli.test.ts compares.';

/** `const params = { … } as const`, the JSON Schema of an attack's parameters, or a part of one. */
const isSchema = ({ node }) =>
  node.type === 'VariableDeclarator' &&
  /params?$/i.test(node.id.name) &&
  node.init?.type === 'TSAsExpression';

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'parameters',
    value: { shouldIgnore: (path) => (isSchema(path) ? pinned : undefined) },
  },
];
