import { foldDuckdbName, duckdbNames } from './duckdb-projection';
import { oracleNames, type NameRules } from './from-clause';
import { UnterminatedSqlError } from './oracle-tokens';
import { optionalMark, parseableSql } from './parseable-sql';

/** In what the two dialects differ for lineage. */
export interface Dialect {
  readonly names: NameRules;
  /** The spelling by which a name of the dictionary is compared. */
  readonly fold: (name: string) => string;
  /** Whether an expression may use the alias of another, and GROUP BY the number of one. */
  readonly usesAliases: boolean;
  /** The text that the parser understands, or why there is none. */
  readonly prepare: (sql: string) => { readonly text: string } | { readonly error: string };
  /** An expression's text as the parser writes it, made as the user writes it. */
  readonly shown: (text: string) => string;
  /** How the database names an expression without an alias, as far as that can be told. */
  readonly nameOf: (formula: string) => string;
  /** Whether a name that no table has stands for something that is no column. */
  readonly isPseudo: (name: string, qualifier: string | undefined) => boolean;
}

const oraclePseudo =
  /^(ROWID|ROWNUM|LEVEL|ORA_ROWSCN|USER|UID|SYSDATE|SYSTIMESTAMP|CURRENT_DATE|CURRENT_TIMESTAMP|LOCALTIMESTAMP|SESSIONTIMEZONE|DBTIMEZONE|CONNECT_BY_ISLEAF|CONNECT_BY_ISCYCLE|OBJECT_ID|OBJECT_VALUE|VERSIONS_(STARTSCN|ENDSCN|STARTTIME|ENDTIME|XID|OPERATION))$/;
const duckdbPseudo = /^(rowid|current_(date|time|timestamp|user|schema|catalog|role)|localtime|localtimestamp|session_user|user)$/;
const unquoted = /"[^"]*"|'(?:[^']|'')*'|[^"'\s]+|\s+/g;

export const oracle: Dialect = {
  names: oracleNames,
  fold: (name) => name,
  usesAliases: false,
  prepare(sql) {
    try {
      return { text: parseableSql(sql) };
    } catch (error) {
      if (error instanceof UnterminatedSqlError) return { error: error.message };
      throw error;
    }
  },
  shown: (text) => text.replaceAll(new RegExp(`${optionalMark}\\(([^()]*)\\)`, 'gi'), '$1 (+)'),
  nameOf: (formula) => formula.replaceAll(unquoted, (part) => (/^["']/.test(part) ? part : part.replaceAll(/\s/g, '').toUpperCase())),
  isPseudo: (name, qualifier) => oraclePseudo.test(name) || (qualifier !== undefined && /^(NEXTVAL|CURRVAL)$/.test(name)),
};

export const duckdb: Dialect = {
  names: duckdbNames,
  fold: foldDuckdbName,
  usesAliases: true,
  prepare: (sql) => ({ text: sql }),
  shown: (text) => text,
  nameOf: (formula) => formula,
  isPseudo: (name) => duckdbPseudo.test(name),
};
