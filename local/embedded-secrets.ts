export type EmbeddedSource = 'oracle' | 'rest' | 'lakehouse';

/**
 * Secrets that lead to an embedded source where nothing else is set: for the demo and `npm run dev`, for the tests of flows, and for contracts.
 * `npm run new-flow` adds that of its flow.
 */
export const embeddedSecrets: Readonly<Record<string, EmbeddedSource>> = {
  'Labware-Source': 'oracle',
  'StarTek-Source': 'rest',
  'Lakehouse-Source': 'lakehouse',
};
