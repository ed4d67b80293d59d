import oracledb, { type Connection } from 'oracledb';

export interface OracleLogin {
  readonly user: string;
  readonly password: string;
  readonly connectString: string;
}

const created: readonly (readonly [kind: string, name: string, definition: string])[] = [
  [
    'TABLE',
    'TC_SITE',
    '(SITE_ID NUMBER(6) CONSTRAINT TC_SITE_PK PRIMARY KEY, CODE VARCHAR2(10) CONSTRAINT TC_SITE_UK UNIQUE, NAME VARCHAR2(40 CHAR) NOT NULL)',
  ],
  [
    'TABLE',
    'TC_PLAN',
    `(PLAN_NO NUMBER(10) NOT NULL, VERSION NUMBER(3) NOT NULL, NAME VARCHAR2(60), SITE_ID NUMBER(6), AMOUNT NUMBER, PRICE NUMBER(15,2), CHANGED DATE,
      CONSTRAINT TC_PLAN_PK PRIMARY KEY (VERSION, PLAN_NO), CONSTRAINT TC_PLAN_SITE_FK FOREIGN KEY (SITE_ID) REFERENCES TC_SITE (SITE_ID))`,
  ],
  [
    'TABLE',
    'TC_TYPES',
    `(ID NUMBER(6) CONSTRAINT TC_TYPES_PK PRIMARY KEY, N_INT NUMBER(9), N_LONG NUMBER(18), N_BIG NUMBER(38), N_DEC NUMBER(15,2), N_NEG NUMBER(5,-3), N_SMALL NUMBER(2,5), N_BARE NUMBER, N_FLOAT FLOAT,
      V VARCHAR2(100 CHAR), NV NVARCHAR2(50), CH CHAR(5), D DATE, TS0 TIMESTAMP(0), TS3 TIMESTAMP(3), TS6 TIMESTAMP(6), TS9 TIMESTAMP(9),
      TZ TIMESTAMP(6) WITH TIME ZONE, TLZ TIMESTAMP(6) WITH LOCAL TIME ZONE, BF BINARY_FLOAT, BD BINARY_DOUBLE, R RAW(20), CL CLOB, NCL NCLOB, BL BLOB)`,
  ],
  ['TABLE', 'TC_LARGE', '(ID NUMBER(9) CONSTRAINT TC_LARGE_PK PRIMARY KEY, NAME VARCHAR2(40), AMOUNT NUMBER(15,2), CHANGED TIMESTAMP(6))'],
  ['TABLE', 'TC_EVENT', '(ID NUMBER(9) CONSTRAINT TC_EVENT_PK PRIMARY KEY, NAME VARCHAR2(40)) ROWDEPENDENCIES'],
  ['TABLE', '"Tc mixed"', '("Id" NUMBER(6) PRIMARY KEY, "a b" VARCHAR2(10), NAME VARCHAR2(10))'],
  [
    'VIEW',
    'TC_PLAN_V',
    'AS SELECT P.VERSION, P.PLAN_NO AS NO, P.NAME, S.NAME AS SITE FROM TC_PLAN P JOIN TC_SITE S ON S.SITE_ID = P.SITE_ID',
  ],
  ['SYNONYM', 'TC_PLAN_S', 'FOR TC_PLAN'],
];

const comments = [
  "COMMENT ON TABLE TC_PLAN IS 'Sample plans of the laboratory'",
  "COMMENT ON COLUMN TC_PLAN.NAME IS 'What the plan is called'",
  "COMMENT ON COLUMN TC_PLAN.PLAN_NO IS 'Number of the plan'",
  "COMMENT ON COLUMN TC_SITE.NAME IS 'Name of the site'",
  "COMMENT ON TABLE TC_PLAN_V IS 'Plans with their sites'",
];

const rows = [
  "INSERT INTO TC_SITE (SITE_ID, CODE, NAME) VALUES (1, 'BRU', 'Brussels')",
  "INSERT INTO TC_SITE (SITE_ID, CODE, NAME) VALUES (2, 'LYS', 'Lyon')",
  "INSERT INTO TC_PLAN (PLAN_NO, VERSION, NAME, SITE_ID, AMOUNT, PRICE, CHANGED) VALUES (10, 1, 'Water', 1, 0.5, 12.3, TO_DATE('2024-01-31 10:15:30', 'YYYY-MM-DD HH24:MI:SS'))",
  "INSERT INTO TC_PLAN (PLAN_NO, VERSION, NAME, SITE_ID, AMOUNT, PRICE, CHANGED) VALUES (11, 1, 'Air', 2, -1234.125, -0.01, TO_DATE('1999-12-31', 'YYYY-MM-DD'))",
  'INSERT INTO TC_PLAN (PLAN_NO, VERSION, NAME, SITE_ID, AMOUNT, PRICE, CHANGED) VALUES (10, 2, NULL, NULL, NULL, NULL, NULL)',
];

/** A connection of its own, beside the reader's. */
export function connect(login: OracleLogin): Promise<Connection> {
  return oracledb.getConnection({ ...login });
}

/** Creates the tables of the suite in the user's own schema. */
export async function createSchema(login: OracleLogin): Promise<void> {
  await dropSchema(login);
  const connection = await connect(login);
  try {
    for (const [kind, name, definition] of created) await connection.execute(`CREATE ${kind} ${name} ${definition}`);
    for (const statement of [...comments, ...rows]) await connection.execute(statement);
    await connection.commit();
  } finally {
    await connection.close();
  }
}

export async function dropSchema(login: OracleLogin): Promise<void> {
  const connection = await connect(login);
  try {
    for (const [kind, name] of [...created].reverse()) {
      await connection.execute(`DROP ${kind} ${name}`).catch((error: unknown) => {
        // There is nothing to drop the first time.
        if (!/ORA-(00942|04043|01434)/.test(String(error))) throw error;
      });
    }
  } finally {
    await connection.close();
  }
}
