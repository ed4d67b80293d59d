import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { registrySettings, type RegistrySettings } from '../../src/lib/kafka/registry-settings';
import { SchemaRegistry } from '../../src/lib/kafka/schema-registry';
import { kafkaCluster, uniqueName } from '../support/kafka-cluster';
import { describeWithKafka } from '../support/parts';

const noTokens = () => Promise.reject(new Error('no token was expected to be asked for'));
const record = (...fields: object[]) => ({ type: 'record', name: 'r', fields });
const id = { name: 'id', type: 'int' };
const nullable = { name: 'more', type: ['null', 'string'], default: null };
const required = { name: 'more', type: 'string' };

describeWithKafka('the schema registry', () => {
  async function open(): Promise<SchemaRegistry> {
    const { registry } = await kafkaCluster();
    return new SchemaRegistry(registrySettings('Kafka', { 'schema.registry.url': registry }), noTokens);
  }

  test('registers a new schema once', async () => {
    await using registry = await open();
    const subject = uniqueName('registry');
    const first = await registry.schemaId(subject, record(id), 'register');
    expect(first.registered).toBe(true);
    expect(await registry.schemaId(subject, record(id), 'register')).toEqual({ id: first.id, registered: false });
  });

  test('takes a compatible change as a new version', async () => {
    await using registry = await open();
    const subject = uniqueName('registry');
    const first = await registry.schemaId(subject, record(id), 'register');
    const second = await registry.schemaId(subject, record(id, nullable), 'register');
    expect(second).toEqual({ id: expect.any(Number) as number, registered: true });
    expect(second.id).not.toBe(first.id);
  });

  test('refuses an incompatible change with the registry’s own words, and registers nothing', async () => {
    await using registry = await open();
    const { registry: url } = await kafkaCluster();
    const subject = uniqueName('registry');
    await registry.schemaId(subject, record(id), 'register');
    await expect(registry.schemaId(subject, record(id, required), 'register')).rejects.toMatchObject({
      code: 'SCHEMA_INCOMPATIBLE',
      message: expect.stringMatching(new RegExp(`${subject}.*more`)) as string,
    });
    expect(await (await fetch(`${url}/subjects/${subject}/versions`)).json()).toEqual([1]);
  });

  test('registers nothing in lookup mode, and finds what is there', async () => {
    await using registry = await open();
    const { registry: url } = await kafkaCluster();
    const subject = uniqueName('registry');
    await expect(registry.schemaId(subject, record(id), 'lookup')).rejects.toMatchObject({ code: 'SCHEMA_NOT_REGISTERED' });
    expect((await fetch(`${url}/subjects/${subject}/versions`)).status).toBe(404);
    const registered = await registry.schemaId(subject, record(id), 'register');
    expect(await registry.schemaId(subject, record(id), 'lookup')).toEqual({ id: registered.id, registered: false });
  });

  test('takes subjects with characters that addresses reserve', async () => {
    await using registry = await open();
    const subject = `${uniqueName('registry')}/a b?c#d%`;
    const { id: number } = await registry.schemaId(subject, record(id), 'register');
    expect((await registry.schemaId(subject, record(id), 'lookup')).id).toBe(number);
  });

  test('refuses what is no Avro schema', async () => {
    await using registry = await open();
    await expect(registry.schemaId(uniqueName('registry'), { type: 'nonsense' }, 'register')).rejects.toMatchObject({
      code: 'SCHEMA_REFUSED',
    });
  });
});

describe('a schema registry that does not answer as it should', () => {
  /** Answers each request with the next of the answers, the last one again and again. */
  async function withServer(
    answers: readonly { status: number; body?: unknown; hang?: boolean }[],
    use: (settings: RegistrySettings, requests: IncomingMessage[]) => Promise<void>,
    extra: Readonly<Record<string, string | number>> = {},
  ): Promise<void> {
    const requests: IncomingMessage[] = [];
    const server: Server = createServer((request, response) => {
      const answer = answers[Math.min(requests.length, answers.length - 1)]!;
      requests.push(request);
      if (answer.hang === true) return;
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      await use(registrySettings('Kafka', { 'schema.registry.url': `http://127.0.0.1:${port}`, ...extra }), requests);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  test('is asked again after it was busy', async () => {
    await withServer([{ status: 503 }, { status: 429 }, { status: 200, body: { id: 7 } }], async (settings, requests) => {
      await using registry = new SchemaRegistry(settings, noTokens);
      expect(await registry.schemaId('s', record(id), 'lookup')).toEqual({ id: 7, registered: false });
      expect(requests).toHaveLength(3);
    });
  });

  test('is an error with its answer when it stays broken', async () => {
    await withServer([{ status: 500, body: { message: 'disk full' } }], async (settings) => {
      await using registry = new SchemaRegistry(settings, noTokens);
      await expect(registry.schemaId('s', record(id), 'lookup')).rejects.toMatchObject({
        code: 'REGISTRY_FAILED',
        details: { status: 500, reason: 'disk full' },
      });
    });
  });

  test('that refuses the password is not asked again, and the password is not told', async () => {
    await withServer(
      [{ status: 401 }],
      async (settings, requests) => {
        await using registry = new SchemaRegistry(settings, noTokens);
        const failure = registry.schemaId('s', record(id), 'lookup');
        await expect(failure).rejects.toMatchObject({
          code: 'REGISTRY_AUTHENTICATION',
          message: expect.not.stringContaining('hunter2') as string,
        });
        expect(requests).toHaveLength(1);
        expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:hunter2').toString('base64')}`);
      },
      { 'schema.registry.basic.auth.user.info': 'me:hunter2' },
    );
  });

  test('gets a token of the app’s identity when the secret names a scope', async () => {
    await withServer(
      [{ status: 200, body: { id: 1 } }],
      async (settings, requests) => {
        await using registry = new SchemaRegistry(settings, (scope) =>
          Promise.resolve({ tokenValue: `token-for-${scope}`, lifetime: 0, principal: '' }),
        );
        await registry.schemaId('s', record(id), 'lookup');
        expect(requests[0]?.headers.authorization).toBe('Bearer token-for-api');
      },
      { 'schema.registry.oauth.scope': 'api' },
    );
  });

  test('is given up after some attempts when it hangs', async () => {
    await withServer(
      [{ status: 200, hang: true }],
      async (settings, requests) => {
        await using registry = new SchemaRegistry(settings, noTokens);
        await expect(registry.schemaId('s', record(id), 'lookup')).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE', retry: true });
        expect(requests).toHaveLength(4);
      },
      { 'schema.registry.timeout.ms': 100 },
    );
  });

  test('is given up when nothing listens, and the next address is asked', async () => {
    await withServer([{ status: 200, body: { id: 9 } }], async (settings) => {
      const dead = 'http://127.0.0.1:1';
      await using alone = new SchemaRegistry({ ...settings, urls: [dead] }, noTokens);
      await expect(alone.schemaId('s', record(id), 'lookup')).rejects.toMatchObject({
        code: 'REGISTRY_UNREACHABLE',
        message: expect.stringContaining(dead) as string,
      });
      await using both = new SchemaRegistry({ ...settings, urls: [dead, ...settings.urls] }, noTokens);
      expect((await both.schemaId('s', record(id), 'lookup')).id).toBe(9);
    });
  });

  test('is recognised as something else when it answers something else', async () => {
    await withServer([{ status: 200, body: ['a page'] }], async (settings) => {
      await using registry = new SchemaRegistry(settings, noTokens);
      await expect(registry.schemaId('s', record(id), 'lookup')).rejects.toMatchObject({ code: 'REGISTRY_FAILED' });
    });
  });
});
