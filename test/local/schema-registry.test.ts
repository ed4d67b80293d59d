import { startSchemaRegistry } from '../../local/registry/schema-registry-server';
import { kafkaCluster, uniqueName } from '../support/kafka-cluster';
import { describeWithKafka } from '../support/parts';

type Json = Record<string, unknown>;

/** A registry client as small as can be: status and body of each call. */
function client(url: string, headers: Record<string, string> = {}) {
  return async (method: string, path: string, body?: Json): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
}

function record(...fields: Json[]): Json {
  return { schema: JSON.stringify({ type: 'record', name: 'r', namespace: 'n', fields }) };
}

const a = { name: 'a', type: 'int' };
const b = { name: 'b', type: ['null', 'string'], default: null };
const needed = { name: 'b', type: 'string' };

/** What both registries, ours and the real one, must do alike. */
function contract(url: () => Promise<string>): void {
  const call = async (method: string, path: string, body?: Json) => client(await url())(method, path, body);

  test('gives a schema an id, the same id under every subject', async () => {
    const [one, two] = [uniqueName('one'), uniqueName('two')];
    const first = await call('POST', `/subjects/${one}/versions`, record(a));
    const second = await call('POST', `/subjects/${two}/versions`, record(a));
    expect(first.status).toBe(200);
    expect((second.body as { id: number }).id).toBe((first.body as { id: number }).id);
    const again = await call('GET', `/schemas/ids/${(first.body as { id: number }).id}`);
    expect(JSON.parse((again.body as { schema: string }).schema)).toEqual(JSON.parse(record(a).schema as string));
  });

  test('counts versions and finds a schema by its text', async () => {
    const subject = uniqueName('versions');
    await call('POST', `/subjects/${subject}/versions`, record(a));
    await call('POST', `/subjects/${subject}/versions`, record(a, b));
    await call('POST', `/subjects/${subject}/versions`, record(a, b));
    expect((await call('GET', `/subjects/${subject}/versions`)).body).toEqual([1, 2]);
    expect(await call('POST', `/subjects/${subject}`, record(a))).toMatchObject({ status: 200, body: { subject, version: 1 } });
    expect(await call('GET', `/subjects/${subject}/versions/latest`)).toMatchObject({ status: 200, body: { version: 2 } });
    expect((await call('GET', '/subjects')).body).toContain(subject);
  });

  test('answers what is missing by the registry’s codes', async () => {
    const subject = uniqueName('missing');
    expect(await call('POST', `/subjects/${subject}`, record(a))).toMatchObject({ status: 404, body: { error_code: 40401 } });
    expect(await call('GET', `/subjects/${subject}/versions`)).toMatchObject({ status: 404, body: { error_code: 40401 } });
    await call('POST', `/subjects/${subject}/versions`, record(a));
    expect(await call('POST', `/subjects/${subject}`, record(b))).toMatchObject({ status: 404, body: { error_code: 40403 } });
    expect(await call('GET', `/subjects/${subject}/versions/7`)).toMatchObject({ status: 404, body: { error_code: 40402 } });
    expect(await call('GET', '/schemas/ids/999999')).toMatchObject({ status: 404, body: { error_code: 40403 } });
    expect(await call('POST', `/subjects/${subject}/versions`, { schema: '{"type": "nothing"}' })).toMatchObject({
      status: 422,
      body: { error_code: 42201 },
    });
  });

  test.each([
    ['BACKWARD', 'a field with a default', record(a), record(a, b), true],
    ['BACKWARD', 'a field without a default', record(a), record(a, needed), false],
    ['BACKWARD', 'a dropped field', record(a, b), record(a), true],
    ['BACKWARD', 'a widened number', record(a), record({ name: 'a', type: 'long' }), true],
    ['BACKWARD', 'a narrowed number', record({ name: 'a', type: 'long' }), record(a), false],
    ['BACKWARD', 'a field that may now be null', record(a), record({ name: 'a', type: ['null', 'int'], default: null }), true],
    ['BACKWARD', 'a field that may no longer be null', record({ name: 'a', type: ['null', 'int'], default: null }), record(a), false],
    ['FORWARD', 'a field without a default', record(a), record(a, needed), true],
    ['FORWARD', 'a dropped field without a default', record(a, needed), record(a), false],
    ['FULL', 'a field with a default', record(a), record(a, b), true],
    ['FULL', 'a widened number', record(a), record({ name: 'a', type: 'long' }), false],
    ['NONE', 'anything', record(a), record({ name: 'a', type: 'string' }), true],
  ])('%s: %s', async (compatibility, _title, before, after, compatible) => {
    const subject = uniqueName('compatible');
    await call('PUT', `/config/${subject}`, { compatibility });
    await call('POST', `/subjects/${subject}/versions`, before);
    const asked = await call('POST', `/compatibility/subjects/${subject}/versions/latest?verbose=true`, after);
    expect(asked).toMatchObject({ status: 200, body: { is_compatible: compatible } });
    if (!compatible) expect((asked.body as { messages: string[] }).messages.length).toBeGreaterThan(0);
    expect((await call('POST', `/subjects/${subject}/versions`, after)).status).toBe(compatible ? 200 : 409);
  });

  test('a transitive level looks at all versions, the plain one at the last', async () => {
    const versions = [record(a, needed), record(a), record(a, { ...needed, type: 'int', default: 0 })];
    for (const [compatibility, status] of [
      ['BACKWARD', 200],
      ['BACKWARD_TRANSITIVE', 409],
    ] as const) {
      const subject = uniqueName('transitive');
      await call('PUT', `/config/${subject}`, { compatibility });
      const statuses = [];
      for (const version of versions) statuses.push((await call('POST', `/subjects/${subject}/versions`, version)).status);
      expect(statuses).toEqual([200, 200, status]);
    }
  });

  test('names the level that holds for a subject', async () => {
    const subject = uniqueName('level');
    expect((await call('GET', `/config/${subject}?defaultToGlobal=true`)).body).toMatchObject({ compatibilityLevel: 'BACKWARD' });
    await call('PUT', `/config/${subject}`, { compatibility: 'FULL' });
    expect((await call('GET', `/config/${subject}`)).body).toMatchObject({ compatibilityLevel: 'FULL' });
    expect((await call('PUT', `/config/${subject}`, { compatibility: 'ALMOST' })).status).toBe(422);
  });

  test('forgets a subject that is deleted', async () => {
    const subject = uniqueName('deleted');
    await call('POST', `/subjects/${subject}/versions`, record(a));
    expect(await call('DELETE', `/subjects/${subject}`)).toEqual({ status: 200, body: [1] });
    expect((await call('GET', `/subjects/${subject}/versions`)).status).toBe(404);
  });
}

describe('the embedded registry', () => {
  let registry: Awaited<ReturnType<typeof startSchemaRegistry>>;
  beforeAll(async () => {
    registry = await startSchemaRegistry();
  });
  afterAll(() => registry.close());

  contract(() => Promise.resolve(registry.url));

  test('asks for user and password when it has users', async () => {
    await using guarded = await startSchemaRegistry({ users: { reader: 'se:cret' } });
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
    expect((await client(guarded.url)('GET', '/subjects')).status).toBe(401);
    expect((await client(guarded.url, basic('reader:wrong'))('GET', '/subjects')).status).toBe(401);
    expect((await client(guarded.url, basic('constructor:'))('GET', '/subjects')).status).toBe(401);
    expect((await client(guarded.url, basic('reader:se:cret'))('GET', '/subjects')).status).toBe(200);
  });

  test('can keep unions of several numbers', async () => {
    const schema = record({ name: 'any', type: ['boolean', 'double', 'float', 'int', 'long', 'string'] });
    expect((await client(registry.url)('POST', `/subjects/${uniqueName('any')}/versions`, schema)).status).toBe(200);
  });
});

describeWithKafka('the real registry', () => {
  contract(async () => (await kafkaCluster()).registry);
});
