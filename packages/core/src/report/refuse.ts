/** Complains about a field of a report: `cells[0].verdict`, and what is wrong with it. */
export type Refuse = (field: string, why: string) => never;
