import type { CellReport, VictimReport } from '@gauntlet/api';

/** A public list of attacks or duties. */
export interface Taxonomy {
  name: string;
  version: string;
  organization: string;
  url: string;
  taxa: readonly { id: string; name: string }[];
}

/**
 * Where a robustness test belongs in the lists that people file evidence under. To be under a heading is not to comply with
 * it: what a list asks for is more than any one test shows.
 */
export const taxonomies = [
  {
    name: 'NIST AI 100-2',
    version: 'E2025',
    organization: 'NIST',
    url: 'https://doi.org/10.6028/NIST.AI.100-2e2025',
    taxa: [
      { id: 'NISTAML.022', name: 'Evasion' },
      { id: 'NISTAML.025', name: 'Black-box Evasion' },
    ],
  },
  {
    name: 'MITRE ATLAS',
    version: '5',
    organization: 'MITRE',
    url: 'https://atlas.mitre.org',
    taxa: [
      { id: 'AML.T0043.000', name: 'Craft Adversarial Data: White-Box Optimization' },
      { id: 'AML.T0043.001', name: 'Craft Adversarial Data: Black-Box Optimization' },
      { id: 'AML.T0043', name: 'Craft Adversarial Data' },
    ],
  },
  {
    name: 'OWASP Machine Learning Security Top Ten',
    version: '2023',
    organization: 'OWASP',
    url: 'https://owasp.org/www-project-machine-learning-security-top-10/',
    taxa: [{ id: 'ML01:2023', name: 'Input Manipulation Attack' }],
  },
  {
    name: 'EU AI Act',
    version: 'Regulation (EU) 2024/1689',
    organization: 'European Union',
    url: 'https://eur-lex.europa.eu/eli/reg/2024/1689/oj',
    taxa: [{ id: 'Article 15', name: 'Accuracy, robustness and cybersecurity' }],
  },
] as const satisfies readonly Taxonomy[];

export type TaxonId = (typeof taxonomies)[number]['taxa'][number]['id'];

/** The headings of one cell: an attack that asks for gradients knows the model, one that estimates them or does without only asks it. */
export function taxaOf({ usesGradients }: CellReport, { gradients }: VictimReport): TaxonId[] {
  const knowsModel = usesGradients && gradients === 'exact';
  return [
    knowsModel ? 'NISTAML.022' : 'NISTAML.025',
    knowsModel ? 'AML.T0043.000' : usesGradients ? 'AML.T0043.001' : 'AML.T0043',
    'ML01:2023',
    'Article 15',
  ];
}

/** Said wherever they stand. */
export const evidenceOnly =
  'The headings say which kind of evidence this is. They do not say that anything complies with them.';
