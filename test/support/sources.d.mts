/** From `@gauntlet/core/testing` to `…/packages/core/src/testing/index.ts`, for all that our packages export. */
export const sources: ReadonlyMap<string, string>;
