import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);

/** Types of DuckDB as SQL spells them, in the order of the page. */
const duckdbTypes = [
  ...['BOOLEAN', 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT'],
  ...['FLOAT', 'DOUBLE', 'DECIMAL(12,2)', 'VARCHAR', 'JSON', 'BLOB', 'UUID', "ENUM('a', 'b')", 'DATE', 'TIME', 'TIME WITH TIME ZONE'],
  ...['TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS', 'TIMESTAMP WITH TIME ZONE', 'INTERVAL', 'BIT', 'INTEGER[]'],
  ...['MAP(VARCHAR, INTEGER)', 'STRUCT(a INTEGER, b VARCHAR)'],
];

export function typesPage(root, table) {
  const schema = require(path.join(root, 'dist/src/lib/schema/index.js'));
  const one = (name, type) => {
    const avro = JSON.stringify(type.toAvro());
    return [`\`${name}\``, `\`${type.toString()}\``, `\`${avro}\``, `\`${type.duckdbType()}\``, `\`${type.arrowType().toString()}\``];
  };
  const simple = Object.entries(schema)
    .filter(([name, value]) => typeof value === 'function' && value.length === 0 && isSimple(name, value))
    .map(([name, Type]) => one(`new ${name}()`, new Type()));
  const sized = [
    one('new AvroDecimal(15, 2)', new schema.AvroDecimal(15, 2)),
    one('new AvroVarchar(40)', new schema.AvroVarchar(40)),
    one('new AvroNVarchar(40)', new schema.AvroNVarchar(40)),
    one("new AvroFixed(16, 'HASH')", new schema.AvroFixed(16, 'HASH')),
    one("new AvroEnum(['RED', 'BLUE'], 'COLOUR')", new schema.AvroEnum(['RED', 'BLUE'], 'COLOUR')),
    one('new ArraySchema(new AvroInt())', new schema.ArraySchema(new schema.AvroInt())),
    one('new AvroMap(new AvroString())', new schema.AvroMap(new schema.AvroString())),
  ];
  const fromDuckdb = duckdbTypes.map((type) => [`\`${type}\``, `\`${schema.fromDuckdbType(type, 'VALUE').toString()}\``]);
  return `# Types

A column has one type, which says how its values are sent (Avro), held in the workspace (DuckDB) and handed over in pages (Arrow). Where each Oracle type
goes is in [reading Oracle](oracle.md); JSON values in [reading REST services](rest.md).

## Types of a schema

${table(['in a schema', 'in messages of the app', 'Avro', 'DuckDB', 'Arrow'], [...simple, ...sized])}
A column that may be null is a union of \`null\` and its type. Records within a column are a \`RecordSchema\`, a value of one of several types an
\`AvroUnion\`.

## From DuckDB

What a transformation or a lakehouse brings has DuckDB's type; the schema takes this one:

${table(['DuckDB', 'type in the schema'], fromDuckdb)}`;
}

function isSimple(name, Type) {
  if (!/^Avro[A-Z]/.test(name)) return false;
  try {
    return new Type().duckdbType() !== undefined && !/Union|Any/.test(name);
  } catch {
    return false;
  }
}
