/** Element types by ONNX's numbers (TensorProto.DataType) and their size in bytes. */
const table = [
  [1, 'float32', 4],
  [2, 'uint8', 1],
  [3, 'int8', 1],
  [4, 'uint16', 2],
  [5, 'int16', 2],
  [6, 'int32', 4],
  [7, 'int64', 8],
  [9, 'bool', 1],
  [10, 'float16', 2],
  [11, 'float64', 8],
  [12, 'uint32', 4],
  [13, 'uint64', 8],
  [16, 'bfloat16', 2],
] as const;

export type ElementType = (typeof table)[number][1];

const byNumber = new Map<number, ElementType>(table.map(([number, name]) => [number, name]));
const numbers = new Map<ElementType, number>(table.map(([number, name]) => [name, number]));
const sizes = new Map<ElementType, number>(table.map(([, name, size]) => [name, size]));

export const elementType = (number: number): ElementType | undefined => byNumber.get(number);
export const elementNumber = (type: ElementType): number => numbers.get(type)!;
export const elementSize = (type: ElementType): number => sizes.get(type)!;
export const isFloat = (type: ElementType): boolean => type.startsWith('float') || type === 'bfloat16';
