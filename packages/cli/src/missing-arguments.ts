/**
 * Names what a command lacks where yargs only counts: "Not enough non-option arguments: got 1, need at least 3".
 * @param usages Words of commands and of what they need: `replay <run> <cell> <sample>`.
 * @returns The message itself if it is another one.
 */
export function nameMissing(message: string, argv: readonly string[], usages: readonly string[]): string {
  const given = /^Not enough non-option arguments: got (\d+)/.exec(message)?.[1];
  const words = `${argv.filter((word) => !word.startsWith('-')).join(' ')} `;
  const usage = usages.find((one) => words.startsWith(one.slice(0, one.indexOf('<'))));
  if (given === undefined || usage === undefined) return message;
  const lacking = usage.match(/<[^>]+>/g)!.slice(Number(given));
  return `${lacking.join(' and ')} ${lacking.length > 1 ? 'are' : 'is'} missing: gauntlet ${usage}`;
}
