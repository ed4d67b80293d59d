import { setTimeout as delay } from 'node:timers/promises';
import { startRestSource, type RestSource } from '../../local/rest/rest-source';
import { AvroDecimal, AvroNVarchar, AvroTimestampMicros, ValueSchema, type SourceAdapter } from '../../src/lib';
import { RestConnectionSettings } from '../../src/readers/rest-connection-settings';
import { RestReader, type RestReaderOptions } from '../../src/readers/rest-reader';
import { AttributeReader } from './attribute-reader';
import { readerContract, type ContractSource } from './reader-contract';

const impatient: RestReaderOptions = { pauseSeconds: 0.001, maxPauseSeconds: 0.01, tries: 2 };

/** Numbers with all their digits and times, by cursor. */
class MeasureReader extends RestReader {
  override load(table: string, updatedSince?: string): Promise<number> {
    const schema = new ValueSchema('MEASURE', 'TEST')
      .addField('Name', new AvroNVarchar(10), undefined, false)
      .addField('AttributeType', new AvroNVarchar(10), undefined, false)
      .addField('AttributeValue', new AvroDecimal(38, 10))
      .addField('UpdatedAt', new AvroTimestampMicros(), undefined, false)
      .setPks(['Name', 'AttributeType']);
    const query = { timestamps: 'true', updated_since: updatedSince };
    return this.loadRecords(table, {
      path: 'startek/attributes/cursor',
      query,
      paging: { type: 'cursor', next: 'meta.next' },
      records: 'items',
      schema,
    });
  }
}

/** @param wrong what of the login is wrong in the secret that does not let the reader in */
function contractSource<R extends SourceAdapter>(
  source: RestSource,
  wrong: Readonly<Record<string, string>>,
  rest: Pick<ContractSource<R>, 'reader' | 'load' | 'expected'>,
): ContractSource<R> {
  const { url, auth } = source.credentials;
  const nobody = 'http://127.0.0.1:1';
  const refused = { ...auth, ...(auth['tokenUrl'] !== undefined && { tokenUrl: `${nobody}/oauth/token` }) };
  return {
    ...rest,
    secret: source.credentials,
    failures: {
      'a wrong login': { secret: { url, auth: { ...auth, ...wrong } }, code: 'REST_AUTHENTICATION', retry: false },
      'nobody listens': { secret: { url: nobody, auth: refused }, code: 'REST_UNREACHABLE', retry: true },
    },
    confidential: [
      ...(auth['clientSecret'] !== undefined ? [auth['clientSecret']] : []),
      ...(auth['password'] !== undefined ? [auth['password']] : []),
      ...Object.values(wrong),
    ],
    open: () => {
      source.behave();
      return source.connections;
    },
    stall: async () => {
      source.misbehave({ fault: 'stall' });
      while (!source.requests.some(({ page }) => page === 1)) await delay(5);
    },
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}

describe('a RestReader of numbered pages keeps the contract of readers:', () => {
  readerContract(async () => {
    const source = await startRestSource({ login: 'oauth', rows: 13_700 });
    const all = [...source.rows];
    return contractSource<AttributeReader>(
      source,
      { clientSecret: 'not-the-secret' },
      {
        reader: (secretName, logger) => new AttributeReader(new RestConnectionSettings(secretName), logger, impatient),
        load: async (reader, table, what) => {
          if (what === 'empty') source.rows.clear();
          await reader.load(table);
          if (what === 'empty') for (const row of all) source.rows.upsert(row);
        },
        expected: all.map(({ Name, AttributeType, AttributeValue }) => [Name, AttributeType, AttributeValue]),
      },
    );
  });
});

describe('a RestReader of one’s own keeps the contract of readers:', () => {
  readerContract(async () => {
    const source = await startRestSource({ login: 'basic', rows: 0 });
    const expected = Array.from({ length: 250 }, (_, i) => {
      const value = i % 7 === 0 ? null : `-1234567890123456789012345${String(i).padStart(3, '0')}.0123456789`;
      const time = `2024-01-31T10:15:${String(i % 60).padStart(2, '0')}.${String(i).padStart(3, '0')}Z`;
      source.rows.upsert({ Name: `n${i}`, AttributeType: 'x', AttributeValue: value }, time);
      return [`n${i}`, 'x', value, time.replace('T', ' ').replace(/0*Z$/, '').replace(/\.$/, '').concat('+00')];
    });
    return contractSource<MeasureReader>(
      source,
      { password: 'not-the-password' },
      {
        reader: (secretName, logger) => new MeasureReader(new RestConnectionSettings(secretName), logger, impatient),
        load: (reader, table, what) => reader.load(table, what === 'empty' ? '2025-01-01T00:00:00Z' : undefined),
        expected,
      },
    );
  });
});
