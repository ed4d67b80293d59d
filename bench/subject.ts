import { compare } from './subjects/compare';
import { encode } from './subjects/encode';
import { getRows, readOracle } from './subjects/oracle';
import { produceOnly } from './subjects/produce-only';
import { publish } from './subjects/publish';
import type { Measurement } from './measurement';

/** Subjects by name; each runs in a process of its own, so that none profits or suffers from another. */
export const subjects = { compare, encode, publish, produceOnly, readOracle, getRows } as const;

/** `node subject.js NAME OPTIONS-AS-JSON` prints the measurement as JSON. */
async function main(name: string, options: string): Promise<void> {
  const subject = subjects[name as keyof typeof subjects] as (options: unknown) => Promise<Measurement>;
  console.log(JSON.stringify(await subject(JSON.parse(options))));
}

if (require.main === module) void main(process.argv[2] ?? '', process.argv[3] ?? '{}');
