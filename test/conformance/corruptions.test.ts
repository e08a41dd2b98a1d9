import { corruptions, transforms } from '@gauntlet/attacks-corruptions';
import { testConformance } from '../support/conformance.js';

testConformance([
  {
    attack: corruptions,
    params: (norm) => (norm === 'linf' ? { parameters: 'imagenet', severities: [1, 5] } : undefined),
  },
  {
    attack: corruptions,
    params: (norm) => (norm === 'linf' ? { kinds: ['glass-blur', 'fog'], severities: [3] } : undefined),
    classes: 4,
  },
  {
    attack: transforms,
    params: (norm) =>
      norm === 'linf' ? { rotation: 30, translation: 0.1, scale: 0.1, points: 3 } : undefined,
  },
  {
    attack: transforms,
    params: (norm) =>
      norm === 'linf'
        ? { rotation: 0, translation: 0, brightness: 0.3, contrast: 0.5, fill: 'edge' }
        : undefined,
    classes: 4,
  },
]);
