/**
 * Indices of a BMP whose rows are runs of equal pixels (RLE8, RLE4), from the top; pixels that no run names are 0.
 * @throws Error with a reason in plain words
 */
export function runsOf(
  bytes: Uint8Array,
  { width, height, depth }: { width: number; height: number; depth: number },
): Uint8Array {
  const indices = new Uint8Array(width * height);
  let [x, row, at] = [0, height - 1, 0];
  const next = () => {
    if (at >= bytes.length) throw new Error('it ends too early');
    return bytes[at++];
  };
  const put = (index: number) => {
    if (row < 0) throw new Error('it has more rows than its header says');
    // Some writers keep the bytes that fill a row up to whole words.
    if (x < width) indices[row * width + x] = index;
    x++;
  };
  /** Two pixels of four bits share a byte, the first in the high bits. */
  const half = (byte: number, i: number) => (depth === 8 ? byte : i % 2 === 0 ? byte >> 4 : byte & 15);
  for (;;) {
    const [count, value] = [next(), next()];
    if (count > 0) for (let i = 0; i < count; i++) put(half(value, i));
    else if (value === 0) [x, row] = [0, row - 1];
    else if (value === 1) return indices;
    else if (value === 2) [x, row] = [x + next(), row - next()];
    else {
      const start = at;
      for (let i = 0, byte = 0; i < value; i++) {
        if (depth === 8 || i % 2 === 0) byte = next();
        put(half(byte, i));
      }
      // Pixels that stand as they are fill up whole words.
      if ((at - start) % 2 === 1) next();
    }
  }
}
