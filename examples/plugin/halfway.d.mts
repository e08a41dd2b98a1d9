import type { Attack } from '@gauntlet/core';
declare const halfway: Attack;
export default halfway;
