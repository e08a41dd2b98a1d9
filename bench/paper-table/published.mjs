// Hsu et al., AAAI 2022: reconstruction error on the test set (improvement over the original in brackets), and ASR on
// the training set. SVHN is here for comparison with CIFAR-10, which the paper's table does not have.
export const published = {
  'mnist sparse': {
    original: '0.00561',
    'mine-uae': '0.00243 (+56.7 %)',
    'l2-uae': '0.00348 (+38 %)',
    'gaussian 0.01': '0.00280 (+50.1 %)',
    'gaussian 0.001': '0.00280 (+50.1 %)',
    asr: { 'mine-uae': '100', 'l2-uae': '99.18', 'gaussian 0.01': '54.10', 'gaussian 0.001': '63.95' },
  },
  'mnist dense': {
    original: '0.00258',
    'mine-uae': '0.00228 (+11.6 %)',
    'l2-uae': '0.00286 (worse)',
    'gaussian 0.01': '0.00244 (+5.4 %)',
    'gaussian 0.001': '0.00238 (+7.8 %)',
    asr: { 'mine-uae': '92.99', 'l2-uae': '99.94', 'gaussian 0.01': '48.53', 'gaussian 0.001': '58.47' },
  },
  'mnist conv': {
    original: '0.00294',
    'mine-uae': '0.00256 (+12.9 %)',
    'l2-uae': '0.00364 (−23.8 %)',
    'gaussian 0.01': '0.00301 (−2.4 %)',
    'gaussian 0.001': '0.00304 (−3.4 %)',
    asr: { 'mine-uae': '99.86', 'l2-uae': '99.61', 'gaussian 0.01': '68.71', 'gaussian 0.001': '99.61' },
  },
  'mnist adversarial': {
    original: '0.04785',
    'mine-uae': 'better',
    'l2-uae': 'worse',
    'gaussian 0.01': '0.0571 (worse)',
    'gaussian 0.001': 'worse',
    asr: { 'mine-uae': '98.46', 'l2-uae': '43.54', 'gaussian 0.01': '99.79', 'gaussian 0.001': '99.83' },
  },
};
