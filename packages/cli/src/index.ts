// For specs in TypeScript: what a project with this package alone can import, on every package manager.
export { defineSpec, type SpecInput } from '@gauntlet/core';

// Names and parameters of the attacks that come along.
export type {} from '@gauntlet/attacks-corruptions';
export type {} from '@gauntlet/attacks-minmax';
export type {} from '@gauntlet/attacks-standard';
export type {} from '@gauntlet/attacks-uae';
