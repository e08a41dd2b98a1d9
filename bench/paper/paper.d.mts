export function paper(
  args: readonly string[],
  surroundings?: { log?: (line: string) => void; signal?: AbortSignal },
): Promise<void>;
