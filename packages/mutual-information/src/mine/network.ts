/** The reference network's sizes: a convolution of 16 filters 2×2, then 512, then 10 units. Hsu et al. 2022. */
export const [filters, kernel, hidden, outputs] = [16, 2, 512, 10];
