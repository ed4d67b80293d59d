import '../../src/functions/labware';
import { AvroDecimal } from '../../src/lib';
import { describeWithKafka } from '../support/parts';
import { FlowSystem } from './flow-system';
import { goodTrial, trial } from './trial';

/** How a load is made to fail after one that succeeded. */
interface Failure {
  readonly what: string;
  readonly status: number;
  readonly code: string;
  /** Part of the message or the fix: it must name what is to be corrected. */
  readonly says: string;
  readonly arrange: (system: FlowSystem) => void;
}

/** A port of this machine on which nobody listens. */
const nobody = '127.0.0.1:1';

const failures: readonly Failure[] = [
  {
    what: 'a table that does not exist',
    status: 422,
    code: 'ORACLE_TABLE_UNKNOWN',
    says: 'LIMSPRD.NO_SUCH_TABLE',
    arrange: () => (trial.sql = 'select * from LIMSPRD.NO_SUCH_TABLE'),
  },
  {
    what: 'a column that does not exist',
    status: 422,
    code: 'ORACLE_COLUMN_UNKNOWN',
    says: 'NO_SUCH_COLUMN',
    arrange: () => (trial.sql = 'select PRODUCT_ID as ID, NO_SUCH_COLUMN from LIMSPRD.PRODUCT'),
  },
  {
    what: 'a wrong password',
    status: 502,
    code: 'ORACLE_LOGIN',
    says: 'Labware-Source',
    arrange: (system) => {
      system.set({ SECRET_LABWARE_SOURCE: system.oracleSecret({ password: 'not-the-password' }) });
    },
  },
  {
    what: 'a database that does not answer',
    status: 503,
    code: 'ORACLE_UNREACHABLE',
    says: nobody,
    arrange: (system) => {
      system.set({ SECRET_LABWARE_SOURCE: system.oracleSecret({ connectString: `${nobody}/LIMS`, connectTimeout: 5 }) });
    },
  },
  {
    what: 'no secret for the source',
    status: 500,
    code: 'SECRET_MISSING',
    says: 'SECRET_LABWARE_SOURCE',
    arrange: (system) => {
      system.set({ SECRET_LABWARE_SOURCE: undefined });
    },
  },
  {
    what: 'no secret for Kafka',
    status: 500,
    code: 'SECRET_MISSING',
    says: 'SECRET_KAFKA',
    arrange: (system) => {
      system.set({ SECRET_KAFKA: undefined });
    },
  },
  {
    what: 'a duplicate key',
    status: 422,
    code: 'KEY_NOT_UNIQUE',
    says: 'P-100',
    arrange: () =>
      (trial.sql = `select case when PRODUCT_ID = 'P-200' then 'P-100' else PRODUCT_ID end as ID, NAME, UNIT_PRICE from LIMSPRD.PRODUCT`),
  },
  {
    what: 'a null key',
    status: 422,
    code: 'KEY_NULL',
    says: 'ID',
    arrange: () => (trial.sql = `select case when PRODUCT_ID <> 'P-200' then PRODUCT_ID end as ID, NAME, UNIT_PRICE from LIMSPRD.PRODUCT`),
  },
  {
    what: 'a schema that is not compatible with the one before',
    status: 409,
    code: 'SCHEMA_INCOMPATIBLE',
    says: 'TRIAL-value',
    arrange: () => (trial.sql = 'select PRODUCT_ID as ID, NAME, INTRODUCED as UNIT_PRICE from LIMSPRD.PRODUCT'),
  },
  {
    what: 'no row at the source, which would leave consumers with an empty table',
    status: 422,
    code: 'EMPTY_TABLE',
    says: 'TRIAL',
    arrange: () => (trial.sql = `${goodTrial.sql} where 1 = 0`),
  },
  {
    what: 'a value that does not fit its type',
    status: 422,
    code: 'VALUE_INVALID',
    says: 'UNIT_PRICE',
    arrange: () => (trial.declare = { UNIT_PRICE: new AvroDecimal(5, 2) }),
  },
  {
    what: 'a message that is too large',
    status: 422,
    code: 'MESSAGE_TOO_LARGE',
    says: 'TRIAL',
    arrange: (system) => {
      trial.sql = `select PRODUCT_ID as ID, rpad(NAME, 3000, '.') as NAME, UNIT_PRICE from LIMSPRD.PRODUCT`;
      system.set({ SECRET_KAFKA: system.kafkaSecret({ 'message.max.bytes': 1000 }) });
    },
  },
  {
    what: 'a broker that does not answer',
    status: 503,
    code: 'KAFKA_UNREACHABLE',
    says: nobody,
    arrange: (system) => {
      system.set({ SECRET_KAFKA: system.kafkaSecret({ 'bootstrap.servers': nobody }) });
    },
  },
  {
    what: 'a registry that does not answer',
    status: 503,
    code: 'REGISTRY_UNREACHABLE',
    says: nobody,
    arrange: (system) => {
      system.set({ SECRET_KAFKA: system.kafkaSecret({ 'schema.registry.url': `http://${nobody}` }) });
    },
  },
  {
    what: 'storage that does not answer',
    status: 503,
    code: 'STATE_UNREACHABLE',
    says: 'STATE_STORAGE',
    arrange: (system) => {
      system.set({ STATE_STORAGE: system.storage.connectionString.replace(/127\.0\.0\.1:\d+/, nobody) });
    },
  },
];

describeWithKafka('a load that fails', () => {
  let system: FlowSystem;
  beforeAll(async () => {
    system = await FlowSystem.start();
  });
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
  });
  afterEach(() => {
    Object.assign(trial, goodTrial);
  });

  describe('after one that succeeded', () => {
    beforeEach(async () => {
      system.useNewEnvironment();
      expect((await system.call('PUT', 'TRIAL/run')).status).toBe(200);
    });

    test.each(failures)('$what: $code, nothing visible, the pointer where it was', async ({ status, code, says, arrange }) => {
      const { pointer } = (await system.call('GET', 'TRIAL/run')).flow;
      const visible = await system.countCommitted('RAW.TRIAL.TRIAL', 'commit');
      // The source moves on, so that a pointer saved by mistake would differ.
      await system.change(`update LIMSPRD.PRODUCT set GRADE = 'X' where PRODUCT_ID = 'P-100'`);

      arrange(system);
      const failed = await system.call('PUT', 'TRIAL/run');
      expect(failed).toMatchObject({ status, type: 'application/problem+json', problem: { code, status } });
      expect(`${failed.problem.detail} ${failed.problem.fix}`).toContain(says);
      expect(JSON.stringify(failed.problem) + system.log.join('\n')).not.toMatch(/reader-secret|not-the-password/);

      system.set({ STATE_STORAGE: system.storage.connectionString });
      expect(await system.countCommitted('RAW.TRIAL.TRIAL', 'commit')).toEqual(visible);
      expect((await system.call('GET', 'TRIAL/run')).flow).toMatchObject({ active: null, pointer });

      // Nothing is left behind that stands in the way of the next load.
      system.set({ SECRET_LABWARE_SOURCE: system.oracleSecret(), SECRET_KAFKA: system.kafkaSecret() });
      Object.assign(trial, goodTrial);
      expect((await system.call('PUT', 'TRIAL/run')).status).toBe(200);
    });
  });

  describe('on a new system', () => {
    beforeEach(() => {
      system.useNewEnvironment();
    });

    test.each([
      { what: 'a body that is not JSON', method: 'POST', path: 'LABWARE/run', body: '{"load":', status: 400, code: 'BODY_INVALID' },
      { what: 'a body that is no object', method: 'POST', path: 'LABWARE/run', body: '["initial"]', status: 400, code: 'BODY_INVALID' },
      {
        what: 'a property that is not known',
        method: 'POST',
        path: 'LABWARE/run',
        body: '{"laod":"initial"}',
        status: 400,
        code: 'BODY_INVALID',
      },
      { what: 'an unknown load word', method: 'POST', path: 'LABWARE/run?load=full', body: undefined, status: 400, code: 'LOAD_UNKNOWN' },
      {
        what: 'an unknown load word in the body',
        method: 'POST',
        path: 'LABWARE/run',
        body: '{"load":"everything"}',
        status: 400,
        code: 'LOAD_UNKNOWN',
      },
      {
        what: 'another load than the method says',
        method: 'PUT',
        path: 'LABWARE/run?load=delta',
        body: undefined,
        status: 400,
        code: 'BODY_INVALID',
      },
    ])('$what is refused before anything starts', async ({ method, path, body, status, code }) => {
      const answer = await system.call(method, path, body);
      expect(answer).toMatchObject({ status, type: 'application/problem+json', problem: { code, status } });
      expect(answer.problem.fix).not.toBe('');
      expect((await system.call('GET', 'LABWARE/run')).flow).toMatchObject({ pointer: null, runs: [] });
      expect(await system.committed('RAW.LABWARE.SAMPLE_PLAN')).toEqual([]);
    });

    test('a method that the flow does not know gets 405 and the ones it knows', async () => {
      const response = await fetch(`${system.host.address}/api/LABWARE/run`, {
        method: 'DELETE',
        headers: { 'x-functions-key': 'host-key' },
      });
      expect([response.status, response.headers.get('allow'), response.headers.get('content-type')]).toEqual([
        405,
        'GET, PATCH, POST, PUT',
        'application/problem+json',
      ]);
    });

    test('without the key nobody gets in', async () => {
      expect((await fetch(`${system.host.address}/api/LABWARE/run`, { method: 'PUT' })).status).toBe(401);
    });

    test('a second run of the same flow gets 409, which names the first', async () => {
      const [one, other] = await Promise.all([system.call('PUT', 'LABWARE/run'), system.call('PUT', 'LABWARE/run')]);
      const [first, second] = one.status === 200 ? [one, other] : [other, one];
      expect([first.status, second.status]).toEqual([200, 409]);
      expect(second.problem).toMatchObject({ code: 'RUN_ACTIVE', retry: true });
      expect(second.problem.detail).toContain(first.report.id);
      expect(await system.compare('LIMSPRD.SAMPLE_PLAN', 'RAW.LABWARE.SAMPLE_PLAN')).toMatchObject({ differences: 0 });
    });
  });
});
