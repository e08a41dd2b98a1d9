/** Size of a plot in its own units, which are pixels where there is room: it fits a telephone without shrinking. */
export const size = { width: 330, height: 210 } as const;

/** The part of it inside the axes. */
export const inner = { left: 44, right: 322, top: 10, bottom: 170 } as const;
