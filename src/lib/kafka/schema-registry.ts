import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { TablecastError } from '../errors';
import type { TokenSource } from './azure-token';
import type { RegistrySettings } from './registry-settings';

/** How schemas get their ids: `register` what is new and compatible, or only `lookup` what is there. */
export type RegistrationMode = 'register' | 'lookup';

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const attempts = 4;
const firstPauseMs = 200;

/**
 * Client of a Confluent-compatible schema registry (https://docs.confluent.io/platform/current/schema-registry/develop/api.html).
 * Repeats what may be repeated: no answer, 429 and 5xx. TLS is verified.
 */
export class SchemaRegistry implements AsyncDisposable {
  readonly #settings: RegistrySettings;
  readonly #tokens: TokenSource;
  readonly #agent: Agent;
  /** Index of the address that answered last; the others are tried when it does not. */
  #address = 0;

  constructor(settings: RegistrySettings, tokens: TokenSource) {
    this.#settings = settings;
    this.#tokens = tokens;
    this.#agent = new Agent({
      connect: { timeout: settings.timeoutMs, ...(settings.ca === undefined ? {} : { ca: settings.ca }) },
      headersTimeout: settings.timeoutMs,
      bodyTimeout: settings.timeoutMs,
    });
  }

  /**
   * The id of a schema under a subject. Compatibility is asked before anything is registered, so that a refusal carries the registry's own reasons.
   * @param schema Avro schema as JSON value
   * @throws TablecastError SCHEMA_INCOMPATIBLE, SCHEMA_NOT_REGISTERED (mode `lookup`), SCHEMA_REFUSED, REGISTRY_UNREACHABLE, REGISTRY_AUTHENTICATION, REGISTRY_FAILED
   */
  async schemaId(subject: string, schema: unknown, mode: RegistrationMode): Promise<{ id: number; registered: boolean }> {
    const body = { schema: JSON.stringify(schema), schemaType: 'AVRO' };
    const path = `/subjects/${encodeURIComponent(subject)}`;

    const found = await this.#call('POST', path, body, `looking up ${subject}`, [404, 422]);
    if (found.status === 422) throw new TablecastError('SCHEMA_REFUSED', { subject, reason: messageOf(found) });
    if (found.status === 200) return { id: this.#id(found, subject), registered: false };
    if (mode === 'lookup') throw new TablecastError('SCHEMA_NOT_REGISTERED', { subject });

    await this.#checkCompatible(subject, body);
    const registered = await this.#call('POST', `${path}/versions`, body, `registering ${subject}`, [409, 422]);
    // Somebody may have registered another version since the check.
    if (registered.status === 409) throw new TablecastError('SCHEMA_INCOMPATIBLE', { subject, reasons: messageOf(registered) });
    if (registered.status === 422) throw new TablecastError('SCHEMA_REFUSED', { subject, reason: messageOf(registered) });
    return { id: this.#id(registered, subject), registered: true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  /**
   * Why the registry would not take a schema as the next version of a subject, in its own words; empty when it would. Nothing is registered. It looks at every
   * version that the subject's compatibility level names; a new subject is compatible with anything.
   * @param schema Avro schema as JSON value
   * @throws TablecastError SCHEMA_REFUSED, REGISTRY_UNREACHABLE, REGISTRY_AUTHENTICATION, REGISTRY_FAILED
   */
  refusals(subject: string, schema: unknown): Promise<readonly string[]> {
    return this.#refusals(subject, { schema: JSON.stringify(schema), schemaType: 'AVRO' });
  }

  async #checkCompatible(subject: string, body: object): Promise<void> {
    const reasons = await this.#refusals(subject, body);
    if (reasons.length > 0) throw new TablecastError('SCHEMA_INCOMPATIBLE', { subject, reasons: reasons.join(' | ') });
  }

  async #refusals(subject: string, body: object): Promise<readonly string[]> {
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions?verbose=true`;
    const answer = await this.#call('POST', path, body, `checking ${subject}`, [404, 422]);
    if (answer.status === 404) return [];
    if (answer.status === 422) throw new TablecastError('SCHEMA_REFUSED', { subject, reason: messageOf(answer) });
    if (answer.body.is_compatible === true) return [];
    const messages = Array.isArray(answer.body.messages) ? answer.body.messages.map(String) : [];
    return messages.length > 0 ? messages : ['the registry gives no reason'];
  }

  #id(answer: Answer, subject: string): number {
    const { id } = answer.body;
    if (typeof id === 'number' && Number.isInteger(id) && id >= 0) return id;
    throw this.#failed(answer.status, `looking up ${subject}`, 'the answer has no schema id');
  }

  /** @param accepted statuses beside 200 that the caller wants to see */
  async #call(method: 'POST', path: string, body: object, action: string, accepted: readonly number[]): Promise<Answer> {
    const authorization = await this.#authorization();
    let problem: unknown;
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) await delay(firstPauseMs * 2 ** (attempt - 1));
      try {
        const answer = await this.#send(method, path, body, authorization);
        if (answer.status === 200 || accepted.includes(answer.status)) return answer;
        if (answer.status === 401 || answer.status === 403) {
          throw new TablecastError('REGISTRY_AUTHENTICATION', { url: this.#url, status: answer.status, secret: this.#settings.secretName });
        }
        const failure = this.#failed(answer.status, action, messageOf(answer));
        if (answer.status !== 429 && answer.status < 500) throw failure;
        problem = failure;
      } catch (error) {
        if (error instanceof TablecastError) throw error;
        problem = error;
      }
      this.#address = (this.#address + 1) % this.#settings.urls.length;
    }
    if (problem instanceof TablecastError) throw problem;
    const details = { url: this.#settings.urls.join(', '), attempts, reason: reasonOf(problem), secret: this.#settings.secretName };
    throw new TablecastError('REGISTRY_UNREACHABLE', details, { cause: problem });
  }

  async #send(method: 'POST', path: string, body: object, authorization: Readonly<Record<string, string>>): Promise<Answer> {
    const response = await request(this.#url + path, {
      method,
      headers: {
        'content-type': 'application/vnd.schemaregistry.v1+json',
        accept: 'application/vnd.schemaregistry.v1+json, application/json',
        ...authorization,
      },
      body: JSON.stringify(body),
      dispatcher: this.#agent,
    });
    const text = await response.body.text();
    return { status: response.statusCode, body: parsed(text) };
  }

  async #authorization(): Promise<Readonly<Record<string, string>>> {
    const { authorization } = this.#settings;
    if (authorization.kind === 'none') return {};
    if (authorization.kind === 'header') return { authorization: authorization.value };
    return { authorization: `Bearer ${(await this.#tokens(authorization.scope)).tokenValue}` };
  }

  get #url(): string {
    return this.#settings.urls[this.#address] ?? '';
  }

  #failed(status: number, action: string, reason: string): TablecastError {
    return new TablecastError('REGISTRY_FAILED', { url: this.#url, status, action, reason, secret: this.#settings.secretName });
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Not a registry's answer (a proxy's page, for example); the status says the rest.
    return {};
  }
}

function messageOf(answer: Answer): string {
  return typeof answer.body.message === 'string' ? answer.body.message : 'no message';
}

function reasonOf(problem: unknown): string {
  if (!(problem instanceof Error)) return String(problem);
  // A refused connection to a name with several addresses is an AggregateError without a message of its own.
  const code = 'code' in problem && typeof problem.code === 'string' ? problem.code : problem.name;
  return problem.message === '' ? code : problem.message;
}
