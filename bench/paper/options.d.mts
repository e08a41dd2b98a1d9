export interface PaperOptions {
  dataset: string | undefined;
  results: string;
  page: string;
}
export function readOptions(args: readonly string[]): PaperOptions;
