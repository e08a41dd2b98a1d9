import type { Attack } from '@gauntlet/api';
import { expectThat } from './expect-that.js';

/** What a definition in JavaScript may lack or get wrong without being refused. */
export function checkDescription(attack: Attack): void {
  for (const field of ['name', 'reference', 'description'] as const) {
    const text: unknown = attack[field];
    expectThat(typeof text === 'string' && text !== '', `"${field}" has to be a text, found ${show(text)}`);
  }
  const { version, usesGradients }: { version: unknown; usesGradients: unknown } = attack;
  expectThat(Number.isInteger(version), `"version" has to be a whole number, found ${show(version)}`);
  expectThat(
    typeof usesGradients === 'boolean',
    `"usesGradients" has to be true or false, found ${show(usesGradients)}`,
  );
}

const show = (value: unknown) => JSON.stringify(value) ?? 'nothing';
