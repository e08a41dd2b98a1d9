// `gradients.js` is bundled at build time by scripts/bundle-gradients.mjs from the gradient definitions that
// @tensorflow/tfjs-core ships only in a form Node cannot import. Importing it registers them.
export {};
