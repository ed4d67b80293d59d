/** Suites that need more than Node: they run where the part is there, are skipped by name with the reason where it is not. */

export type Part = 'kafka' | 'registry' | 'python' | 'extensions' | 'checkers';

type Inspection = { readonly ok: true; readonly path: string } | { readonly ok: false; readonly reason: string };

function inspections(): Record<Part, Inspection> {
  const text = process.env.TABLECAST_TEST_PARTS;
  if (text === undefined)
    throw new Error('The tests run under jest with the project’s configuration (its global setup looks for the parts).');
  return JSON.parse(text) as Record<Part, Inspection>;
}

/** Path of an installed part: a folder, and for `python` the interpreter. @throws Error when it is not there */
export function partPath(part: Part): string {
  const found = inspections()[part];
  if (!found.ok) throw new Error(found.reason);
  return found.path;
}

/**
 * A suite that needs the parts. Where one is missing the suite is skipped and the reason printed;
 * with `TABLECAST_REQUIRE_ALL=1` it fails instead.
 */
export function describeWith(parts: readonly Part[], title: string, suite: () => void): void {
  const found = inspections();
  const reasons = parts.flatMap((part) => {
    const inspection = found[part];
    return inspection.ok ? [] : [inspection.reason];
  });
  describeOrSkip(title, reasons, process.env.TABLECAST_REQUIRE_ALL === '1', suite);
}

/** A suite on a real Kafka broker and a real schema registry; `kafkaCluster()` gives their addresses. */
export function describeWithKafka(title: string, suite: () => void): void {
  describeWith(['kafka', 'registry'], title, suite);
}

/** A suite that runs programs of the Python environment. */
export function describeWithPython(title: string, suite: () => void): void {
  describeWith(['python'], title, suite);
}

/** A suite that reads Delta tables: needs DuckDB's extensions. */
export function describeWithExtensions(title: string, suite: () => void): void {
  describeWith(['extensions'], title, suite);
}

/** A suite on Delta tables that Python's `deltalake` makes. */
export function describeWithExtensionsAndPython(title: string, suite: () => void): void {
  describeWith(['extensions', 'python'], title, suite);
}

/** A suite that runs Python programs on a real broker and registry. */
export function describeWithKafkaAndPython(title: string, suite: () => void): void {
  describeWith(['kafka', 'registry', 'python'], title, suite);
}

/** Where the tests find a real Oracle database. */
export interface OracleTestDatabase {
  readonly user: string;
  readonly password: string;
  readonly connectString: string;
}

/** A suite on a real Oracle database: runs when ORACLE_TEST_USER, ORACLE_TEST_PASSWORD and ORACLE_TEST_CONNECT_STRING are set. */
export function describeWithOracle(title: string, suite: (database: OracleTestDatabase) => void): void {
  const names = ['ORACLE_TEST_USER', 'ORACLE_TEST_PASSWORD', 'ORACLE_TEST_CONNECT_STRING'] as const;
  const missing = names.filter((name) => (process.env[name] ?? '') === '');
  const [user = '', password = '', connectString = ''] = names.map((name) => process.env[name]);
  // A database cannot be installed here, so it is never required.
  describeOrSkip(title, missing.length > 0 ? [`no real Oracle database: ${missing.join(', ')} not set`] : [], false, () => {
    suite({ user, password, connectString });
  });
}

function describeOrSkip(title: string, reasons: readonly string[], required: boolean, suite: () => void): void {
  if (reasons.length === 0) {
    describe(title, suite);
  } else if (required) {
    describe(title, () => {
      test('has all its parts', () => {
        throw new Error(reasons.join('\n'));
      });
    });
  } else {
    process.stderr.write(`skipped: ${title}: ${reasons.join('; ')}\n`);
    describe.skip(title, suite);
  }
}
