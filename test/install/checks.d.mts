interface Project {
  folder: string;
  env: NodeJS.ProcessEnv;
  /** The executable; the one that runs now by default. */
  node?: string;
}

export declare const checks: Record<
  | 'gauntlet --version is its own'
  | 'strict tsc, skipLibCheck on'
  | 'strict tsc, skipLibCheck off'
  | 'strict tsc, skipLibCheck off, no types of Node'
  | 'the digits example runs on ONNX Runtime, its JUnit is valid'
  | 'a plugin in a file beside the spec gets all it needs from the contract'
  | 'matchers of vitest',
  (project: Project) => Promise<void>
>;
