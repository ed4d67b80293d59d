import fc from 'fast-check';
import { TablecastError } from '../../src/lib/errors';
import { KafkaSecretSettings } from '../../src/lib/kafka/kafka-secret-settings';
import { parseKafkaSettings } from '../../src/lib/kafka/kafka-settings';

const minimal = { 'bootstrap.servers': 'broker:9092', 'schema.registry.url': 'http://registry:8081' };
const parse = (secret: object) => parseKafkaSettings('Kafka', JSON.stringify({ ...minimal, ...secret }));

function refusal(text: string): TablecastError {
  try {
    parseKafkaSettings('Kafka', text);
  } catch (error) {
    if (error instanceof TablecastError) return error;
    throw error;
  }
  throw new Error('the secret was accepted');
}

describe('the Kafka secret', () => {
  test('needs only a broker and a registry', () => {
    const settings = parse({});
    expect(settings).toMatchObject({ brokers: 'broker:9092', transactionTimeoutMs: 900_000, ignored: [] });
    expect(settings.registry).toMatchObject({ urls: ['http://registry:8081'], authorization: { kind: 'none' } });
    expect(settings.properties).toMatchObject({ 'bootstrap.servers': 'broker:9092', 'compression.type': 'lz4' });
    expect(settings.properties['security.protocol']).toBeUndefined();
  });

  test('passes librdkafka properties on, whichever they are', () => {
    const settings = parse({ 'socket.timeout.ms': 5000, 'ssl.ca.pem': 'PEM', 'compression.type': 'zstd', 'some.new.property': true });
    expect(settings.properties).toMatchObject({
      'socket.timeout.ms': 5000,
      'ssl.ca.pem': 'PEM',
      'compression.type': 'zstd',
      'some.new.property': true,
    });
  });

  test('cannot change what the guarantees of the producer depend on', () => {
    const settings = parse({
      'transactional.id': 'mine',
      acks: 1,
      'enable.idempotence': false,
      partitioner: 'random',
      'plugin.library.paths': 'x',
    });
    expect(settings.ignored).toEqual(['transactional.id', 'acks', 'enable.idempotence', 'partitioner', 'plugin.library.paths']);
    for (const name of settings.ignored) expect(settings.properties).not.toHaveProperty([name]);
  });

  test('may say acks=all, which is the producer’s own value', () => {
    expect(parse({ acks: 'all' }).ignored).toEqual([]);
  });

  test('gives the registry’s properties to the registry only', () => {
    const settings = parse({
      'schema.registry.url': 'https://a:8081/, https://b:8081',
      'schema.registry.basic.auth.user.info': 'me:secret:with:colons',
    });
    expect(settings.registry.urls).toEqual(['https://a:8081', 'https://b:8081']);
    expect(settings.registry.authorization).toEqual({
      kind: 'header',
      value: `Basic ${Buffer.from('me:secret:with:colons').toString('base64')}`,
    });
    expect(Object.keys(settings.properties).filter((name) => name.startsWith('schema.'))).toEqual([]);
  });

  test('lets the registry inherit the broker’s user', () => {
    const settings = parse({ 'sasl.username': 'u', 'sasl.password': 'p', 'schema.registry.basic.auth.credentials.source': 'SASL_INHERIT' });
    expect(settings.registry.authorization).toEqual({ kind: 'header', value: `Basic ${Buffer.from('u:p').toString('base64')}` });
  });

  test('never sends a password without TLS unless it says so', () => {
    expect(parse({ 'sasl.username': 'u', 'sasl.password': 'p' }).properties).toMatchObject({
      'sasl.mechanisms': 'PLAIN',
      'security.protocol': 'SASL_SSL',
    });
    expect(parse({ 'sasl.mechanism': 'SCRAM-SHA-512', 'sasl.username': 'u', 'sasl.password': 'p' }).properties).toMatchObject({
      'sasl.mechanisms': 'SCRAM-SHA-512',
      'security.protocol': 'SASL_SSL',
    });
    expect(parse({ 'sasl.username': 'u', 'security.protocol': 'SASL_PLAINTEXT' }).properties['security.protocol']).toBe('SASL_PLAINTEXT');
  });

  test('names an Event Hubs namespace and nothing else: identity, TLS and connection ages follow', () => {
    const settings = parse({ 'bootstrap.servers': 'space-1.servicebus.windows.net:9093' });
    expect(settings.tokenScope).toBe('https://space-1.servicebus.windows.net/.default');
    expect(settings.properties).toMatchObject({
      'security.protocol': 'SASL_SSL',
      'sasl.mechanisms': 'OAUTHBEARER',
      'metadata.max.age.ms': 180_000,
      'connections.max.idle.ms': 180_000,
      'compression.type': 'none',
    });
  });

  test('may give Event Hubs a connection string instead', () => {
    const settings = parse({
      'bootstrap.servers': 'space-1.servicebus.windows.net:9093',
      'sasl.username': '$ConnectionString',
      'sasl.password': 'Endpoint=…',
    });
    expect(settings.tokenScope).toBeUndefined();
    expect(settings.properties).toMatchObject({ 'sasl.mechanisms': 'PLAIN', 'security.protocol': 'SASL_SSL' });
  });

  test('needs a scope for OAUTHBEARER elsewhere', () => {
    expect(() => parse({ 'sasl.mechanisms': 'OAUTHBEARER' })).toThrow(/oauth.scope/);
    expect(parse({ 'sasl.mechanisms': 'OAUTHBEARER', 'oauth.scope': 'api://kafka/.default' }).tokenScope).toBe('api://kafka/.default');
    expect(parse({ 'sasl.mechanisms': 'OAUTHBEARER', 'sasl.oauthbearer.method': 'oidc' }).tokenScope).toBeUndefined();
  });

  test.each([
    ['not JSON', '{"bootstrap.servers": "b", "sasl.password": "hunter2"'],
    ['no object', '"hunter2"'],
    ['without a broker', '{"schema.registry.url": "http://r", "sasl.password": "hunter2"}'],
    ['without a registry', '{"bootstrap.servers": "b", "sasl.password": "hunter2"}'],
    ['with a registry that is no address', '{"bootstrap.servers": "b", "schema.registry.url": "hunter2"}'],
    ['with a password in the registry’s address', '{"bootstrap.servers": "b", "schema.registry.url": "https://me:hunter2@registry"}'],
    ['with a nested value', '{"bootstrap.servers": "b", "schema.registry.url": "http://r", "x": {"y": "hunter2"}}'],
    [
      'with a user without password',
      '{"bootstrap.servers": "b", "schema.registry.url": "http://r", "schema.registry.basic.auth.user.info": "hunter2"}',
    ],
    ['with a timeout that is none', '{"bootstrap.servers": "b", "schema.registry.url": "http://r", "transaction.timeout.ms": "hunter2"}'],
  ])('%s is refused without quoting it', (_, text) => {
    const error = refusal(text);
    expect(error.code).toBe('SECRET_INVALID');
    expect(`${error.message} ${error.fix} ${JSON.stringify(error.details)} ${String(error.cause)}`).not.toContain('hunter2');
  });

  test('is either read or refused, whatever its text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `{"bootstrap.servers":"b","schema.registry.url":"http://r","x":${json}}`),
        ),
        (text) => {
          try {
            parseKafkaSettings('Kafka', text);
          } catch (error) {
            expect((error as TablecastError).code).toBe('SECRET_INVALID');
          }
        },
      ),
    );
  });

  test('is read anew each time', async () => {
    let password = 'first';
    const secrets = {
      place: 'the test',
      readSecret: (name: string) => Promise.resolve(JSON.stringify({ ...minimal, 'sasl.username': name, 'sasl.password': password })),
    };
    const settings = new KafkaSecretSettings('Other');
    expect((await settings.read(secrets)).properties).toMatchObject({ 'sasl.username': 'Other', 'sasl.password': 'first' });
    password = 'second';
    expect((await settings.read(secrets)).properties).toMatchObject({ 'sasl.password': 'second' });
  });
});

describe('tokens of the app’s identity', () => {
  test('are given as the client takes them', async () => {
    const { tokens } = new KafkaSecretSettings('Kafka', {
      getToken: (scope) => Promise.resolve({ token: `for ${String(scope)}`, expiresOnTimestamp: 42 }),
    });
    expect(await tokens('s')).toEqual({ tokenValue: 'for s', lifetime: 42, principal: '' });
  });

  test('that are refused are an error with the scope', async () => {
    const { tokens } = new KafkaSecretSettings('Kafka', { getToken: () => Promise.reject(new Error('no identity\nlong explanation')) });
    await expect(tokens('s')).rejects.toMatchObject({ code: 'TOKEN_REFUSED', details: { scope: 's', reason: 'no identity' } });
  });
});
