import type { Attack } from '@gauntlet/api';
declare const halfway: Attack;
export default halfway;
