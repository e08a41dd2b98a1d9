/** From `@gauntlet/testing` to `…/packages/testing/src/index.ts`, for all that our packages export. */
export const sources: ReadonlyMap<string, string>;
