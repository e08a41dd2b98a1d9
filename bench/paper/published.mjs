// Hsu, Chen, Lu, Liu, Yu, "Adversarial Examples can be Effective Data Augmentation for Unsupervised Machine Learning",
// AAAI 2022 (arXiv 2103.01895). Cells of the slides that could not be read are words.

/** Success rate and mutual information over 1,000 samples. */
export const publishedInformation = {
  mnist: { minmax: { asr: 1, mi: 51.29 }, penalty: { asr: 1, mi: 28.28 } },
  cifar10: { minmax: { asr: 1, mi: 17.14 }, penalty: { asr: 1, mi: 13.69 } },
};

/** Training images of the table of reconstruction. */
export const publishedImages = { mnist: 60_000, svhn: 73_257 };

const row = (error, improvement, asr) => ({ error, improvement, asr });

/**
 * Mean squared error on the test set, the improvement over the original (the paper's bracket, as a share or as a word), and
 * the success rate on the training set.
 */
export const publishedReconstruction = {
  mnist: {
    sparse: {
      original: 0.00561,
      'mine-uae': row(0.00243, 0.567, 1),
      'l2-uae': row(0.00348, 0.38, 0.9918),
      'gaussian-0.01': row(0.0028, 0.501, 0.541),
      'gaussian-0.001': row(0.0028, 0.501, 0.6395),
    },
    dense: {
      original: 0.00258,
      'mine-uae': row(0.00228, 0.116, 0.9299),
      'l2-uae': row(0.00286, 'worse', 0.9994),
      'gaussian-0.01': row(0.00244, 0.054, 0.4853),
      'gaussian-0.001': row(0.00238, 0.078, 0.5847),
    },
    conv: {
      original: 0.00294,
      'mine-uae': row(0.00256, 0.129, 0.9986),
      'l2-uae': row(0.00364, -0.238, 0.9961),
      'gaussian-0.01': row(0.00301, -0.024, 0.6871),
      'gaussian-0.001': row(0.00304, -0.034, 0.9961),
    },
    adversarial: {
      original: 0.04785,
      'mine-uae': row(undefined, 'better', 0.9846),
      'l2-uae': row(undefined, 'worse', 0.4354),
      'gaussian-0.01': row(0.0571, 'worse', 0.9979),
      'gaussian-0.001': row(undefined, 'worse', 0.9983),
    },
  },
  svhn: {
    sparse: {
      original: 0.00887,
      'mine-uae': row(0.00235, 0.735, 1),
      'l2-uae': row(0.00315, 0.645, 0.7216),
      'gaussian-0.01': row(0.00301, 0.66, 0.7242),
      'gaussian-0.001': row(0.00293, 0.67, 0.7992),
    },
    dense: {
      original: 0.00659,
      'mine-uae': row(0.00421, 0.36, 0.9999),
      'l2-uae': row(0.0055, 0.165, 0.8265),
      'gaussian-0.01': row(0.00858, -0.302, 0.923),
      'gaussian-0.001': row(0.0086, -0.305, 0.9392),
    },
    conv: {
      original: 0.00128,
      'mine-uae': row(0.00095, 0.258, 1),
      'l2-uae': row(0.00121, 0.05, 0.56),
      'gaussian-0.01': row(0.00098, 0.23, 0.964),
      'gaussian-0.001': row(0.00104, 0.185, 0.9924),
    },
    adversarial: {
      original: 0.00173,
      'mine-uae': row(undefined, 'better', '> 90 %'),
      'l2-uae': row(undefined, 'about the same', '> 50 %'),
      'gaussian-0.01': row(0.00161, 0.07, 0.9731),
      'gaussian-0.001': row(0.0013, undefined, 0.9985),
    },
  },
};
