type Manager = 'npm' | 'pnpm' | 'yarn1' | 'yarn4';

export declare function pack(folder: string): Promise<Map<string, string>>;
export declare function environment(manager: Manager, nodeFolder?: string): NodeJS.ProcessEnv;
export declare function install(
  folder: string,
  manager: Manager,
  options: { tarballs: Map<string, string>; more?: Record<string, string>; nodeFolder?: string },
): Promise<void>;
