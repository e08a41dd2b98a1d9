import { marks, type Standing } from '../standing.js';

export function Badge({ of }: { of: Standing }) {
  return <span class={`verdict ${of}`}>{marks[of]}</span>;
}
