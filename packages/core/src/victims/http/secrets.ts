import { GauntletError } from '@gauntlet/api';

/** Texts with variables of the environment filled in, and how to keep them out of what others see. */
export interface Secrets {
  /** @throws GauntletError `victim-secret` for a variable that is not set */
  fill(text: string): string;
  /** The text with every value that was filled in replaced by its name. */
  hide(text: string): string;
}

export function secretsOf(env: Readonly<Record<string, string | undefined>>): Secrets {
  const used = new Map<string, string>();
  return {
    fill: (text) =>
      text.replace(/\$\{(\w+)\}/g, (shown, name: string) => {
        const value = env[name];
        if (!value)
          throw new GauntletError(
            'victim-secret',
            `The spec names ${shown}, and the environment has no variable ${name}. Set it where Gauntlet is started.`,
          );
        used.set(value, shown);
        return value;
      }),
    hide: (text) =>
      [...used]
        .sort(([a], [b]) => b.length - a.length)
        .reduce((hidden, [value, shown]) => hidden.replaceAll(value, shown), text),
  };
}
