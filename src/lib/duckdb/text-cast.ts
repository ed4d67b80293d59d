import { quoteLiteral } from './quote';

/**
 * DuckDB's casts from text round ('1.239' as DECIMAL(10,2) is 1.24), cut (a timestamp as DATE loses its time) and ignore ('+02' in a TIMESTAMP).
 * The expressions made here give exactly the value of the text, or an error. The usual value passes a cheap test; only what fails that is looked at closely.
 *
 * @param text SQL expression of the text
 * @param type DuckDB type of the column, as SQL
 * @param otherwise what an inexact text becomes: an error that stops the statement, or NULL to look for it afterwards
 */
export function castText(text: string, type: string, otherwise: 'error' | 'null' = 'error'): string {
  const cast = `CAST(${text} AS ${type})`;
  const base = type.replace(/\(.*/s, '').toUpperCase();
  const exponent = `contains(${text}, 'e') OR contains(${text}, 'E')`;
  const point = `instr(${text}, '.')`;
  const failure = otherwise === 'null' ? 'NULL' : `error(${quoteLiteral(`The text has no exact value of type ${type}`)})`;
  const checked = (suspicious: string, exact: string): string =>
    `CASE WHEN ${suspicious} THEN CASE WHEN ${exact} THEN ${cast} ELSE CAST(${failure} AS ${type}) END ELSE ${cast} END`;
  // A zone in the text of a type without zone would be ignored. `2024-01-01 10:00:00` has 19 characters; a sign after them starts a zone.
  const timestamp = (digits: number): string => {
    const zone = `contains(substr(${text}, 20), '-') OR contains(${text}, '+')`;
    return checked(`length(${text}) > ${digits === 0 ? 19 : 20 + digits} OR ${zone}`, `NOT (${zone}) AND ${fractionFits(text, digits)}`);
  };
  if (type.endsWith(']')) return cast;
  switch (base) {
    case 'VARCHAR':
      return text;
    case 'DECIMAL': {
      const scale = Number(/,\s*(\d+)\)/.exec(type)?.[1] ?? 0);
      return checked(`${exponent} OR (${point} > 0 AND length(${text}) - ${point} > ${scale})`, `${decimals(text)} <= ${scale}`);
    }
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
    case 'HUGEINT':
    case 'UTINYINT':
    case 'USMALLINT':
    case 'UINTEGER':
    case 'UBIGINT':
    case 'UHUGEINT':
      return checked(`${exponent} OR ${point} > 0`, `${decimals(text)} <= 0`);
    case 'DATE':
      return checked(`length(${text}) > 10`, `CAST(${text} AS TIMESTAMP) = ${cast}`);
    case 'TIME':
      return checked(`length(${text}) > 15`, fractionFits(text, 6));
    case 'TIMESTAMP':
    case 'DATETIME':
      return timestamp(6);
    case 'TIMESTAMP_MS':
      return timestamp(3);
    case 'TIMESTAMP_S':
      return timestamp(0);
    case 'TIMESTAMP_NS':
      return timestamp(9);
    case 'TIMESTAMPTZ':
    case 'TIMESTAMP WITH TIME ZONE':
      return checked(`length(${text}) > 26`, fractionFits(text, 6));
    default:
      return cast;
  }
}

function fractionFits(text: string, digits: number): string {
  return `NOT regexp_matches(${text}, '[.,][0-9]{${digits}}[0-9]*[1-9]')`;
}

/** How many digits after the point the number in the text needs, without its trailing zeros; negative when it ends with zeros before the point. */
function decimals(text: string): string {
  const whole = `regexp_extract(${text}, '^\\s*[+-]?([0-9_]*)', 1)`;
  const fraction = `rtrim(regexp_extract(${text}, '\\.([0-9_]*)', 1), '0')`;
  const exponent = `coalesce(TRY_CAST(regexp_extract(${text}, '[eE]([+-]?[0-9]+)', 1) AS INTEGER), 0)`;
  const places = `CASE WHEN length(${fraction}) > 0 THEN length(${fraction}) ELSE length(rtrim(${whole}, '0')) - length(${whole}) END`;
  return `CASE WHEN regexp_matches(${whole} || ${fraction}, '[1-9]') THEN ${places} - ${exponent} ELSE 0 END`;
}
