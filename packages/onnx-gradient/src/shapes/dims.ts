import type { Dim } from '../model/graph.js';

/** A product of sizes: a number times symbols, e.g. 64·N. */
export interface Product {
  factor: number;
  symbols: string[];
}

export function productOf(dims: readonly Dim[]): Product {
  const product: Product = { factor: 1, symbols: [] };
  for (const dim of dims) {
    if (typeof dim === 'number') product.factor *= dim;
    else product.symbols.push(...dim.split('·'));
  }
  product.symbols.sort();
  return product;
}

/** The product as one size: a number, a symbol, or a symbol that spells it out. */
export function dimOf({ factor, symbols }: Product): Dim {
  if (symbols.length === 0) return factor;
  return [...(factor === 1 ? [] : [String(factor)]), ...symbols].join('·');
}

/** a / b where that is a size again; otherwise undefined. */
export function divide(a: Product, b: Product): Dim | undefined {
  const rest = [...a.symbols];
  for (const symbol of b.symbols) {
    const at = rest.indexOf(symbol);
    if (at < 0) return undefined;
    rest.splice(at, 1);
  }
  const factor = a.factor / b.factor;
  return Number.isInteger(factor) ? dimOf({ factor, symbols: rest }) : undefined;
}

/** NumPy's broadcasting; two different symbols have to be the same size, since neither is known to be 1. */
export function broadcast(a: readonly Dim[], b: readonly Dim[]): Dim[] {
  const rank = Math.max(a.length, b.length);
  const at = (dims: readonly Dim[], i: number): Dim => dims[i - (rank - dims.length)] ?? 1;
  return Array.from({ length: rank }, (_, i) => {
    const [left, right] = [at(a, i), at(b, i)];
    if (left === 1) return right;
    if (right === 1) return left;
    return typeof left === 'number' ? left : right;
  });
}

export const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
