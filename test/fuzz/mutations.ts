import fc from 'fast-check';

/** One way to damage bytes. Positions count from the start and go round at the end. */
export type Mutation =
  | { kind: 'flip'; at: number; bit: number }
  | { kind: 'cut'; at: number }
  | { kind: 'drop'; at: number; length: number }
  | { kind: 'zero'; at: number; length: number }
  | { kind: 'copy'; from: number; to: number; length: number }
  | { kind: 'insert'; at: number; bytes: readonly number[] }
  | { kind: 'number'; at: number; value: number; width: 1 | 2 | 4 | 8; little: boolean }
  | { kind: 'text'; at: number; text: string };

const at = fc.nat(2 ** 20);
const length = fc.integer({ min: 1, max: 200 });
/** Sizes at which arithmetic goes wrong. */
const edges = [0, 1, -1, 127, 128, 255, 256, 32767, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 40];
/** What means something in YAML and JSON. */
const words = ['null', '[', ']', '{', '}', '"', "'", '*x', '&x ', '<<: *x', '!!set ', '- ', ': ', '\n', '? '];
const numbers = ['-1', '0.5', '1e999', '.nan', '99999999999999999999', '-0', 'true', '__proto__', '[[[[[[[['];

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('cut' as const), at }),
  fc.record({ kind: fc.constant('drop' as const), at, length }),
  fc.record({ kind: fc.constant('zero' as const), at, length }),
  fc.record({ kind: fc.constant('copy' as const), from: at, to: at, length }),
  fc.record({
    kind: fc.constant('insert' as const),
    at,
    bytes: fc.array(fc.nat(255), { minLength: 1, maxLength: 32 }),
  }),
  fc.record({
    kind: fc.constant('number' as const),
    at,
    value: fc.oneof(fc.constantFrom(...edges), fc.nat(2 ** 31 - 1)),
    width: fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const),
    little: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('text' as const), at, text: fc.constantFrom(...words, ...numbers) }),
);

/** One of them half of the time, else up to four, one after the other. */
export const mutations = fc.oneof(
  fc.array(mutation, { minLength: 1, maxLength: 1 }),
  fc.array(mutation, { minLength: 2, maxLength: 4 }),
);

export const damage = (bytes: Uint8Array, list: readonly Mutation[]): Uint8Array =>
  list.reduce<Uint8Array>(apply, bytes);

function apply(bytes: Uint8Array, step: Mutation): Uint8Array {
  const place = (position: number) => (bytes.length === 0 ? 0 : position % bytes.length);
  const copy = Buffer.from(bytes);
  switch (step.kind) {
    case 'flip':
      if (copy.length > 0) copy[place(step.at)] ^= 1 << step.bit;
      return copy;
    case 'cut':
      return copy.subarray(0, place(step.at));
    case 'drop':
      return Buffer.concat([copy.subarray(0, place(step.at)), copy.subarray(place(step.at) + step.length)]);
    case 'zero':
      return copy.fill(0, place(step.at), Math.min(copy.length, place(step.at) + step.length));
    case 'copy':
      copy.copyWithin(place(step.to), place(step.from), place(step.from) + step.length);
      return copy;
    case 'insert':
      return splice(copy, place(step.at), Buffer.from(step.bytes));
    case 'text':
      return splice(copy, place(step.at), Buffer.from(step.text));
    case 'number': {
      const eight = Buffer.alloc(8);
      if (step.little) eight.writeBigInt64LE(BigInt(step.value));
      else eight.writeBigInt64BE(BigInt(step.value));
      const part = step.little ? eight.subarray(0, step.width) : eight.subarray(8 - step.width);
      part.copy(copy, place(step.at));
      return copy;
    }
  }
}

const splice = (bytes: Buffer, position: number, more: Buffer) =>
  Buffer.concat([bytes.subarray(0, position), more, bytes.subarray(position)]);
