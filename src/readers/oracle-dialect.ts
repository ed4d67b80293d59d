import type { SqlDialect, WatermarkType } from '../lib/index';
import { quoteOracleName } from './oracle-statement';

/** The placeholder as a value of the column's own type, so that an index on the column can be used. */
const values: Readonly<Record<WatermarkType, (placeholder: string) => string>> = {
  timestamp: (placeholder) => `TO_TIMESTAMP(${placeholder}, 'YYYY-MM-DD"T"HH24:MI:SS.FF9')`,
  // The text ends with Z: Oracle has no format for it, so it is taken as it stands, and the zone said beside it.
  timestamptz: (placeholder) => `FROM_TZ(TO_TIMESTAMP(${placeholder}, 'YYYY-MM-DD"T"HH24:MI:SS.FF9"Z"'), 'UTC')`,
  date: (placeholder) => `TO_DATE(${placeholder}, 'YYYY-MM-DD"T"HH24:MI:SS')`,
  number: (placeholder) => `TO_NUMBER(${placeholder}, '99999999999999999999999999999D999999999', 'NLS_NUMERIC_CHARACTERS=''.,''')`,
  text: (placeholder) => placeholder,
};

/** Oracle's SQL, with placeholders such as `:since`. */
export const oracleDialect: SqlDialect = {
  compare: (column, operator, bind, type) => `${quoteOracleName(column)} ${operator} ${values[type](`:${bind}`)}`,
};
