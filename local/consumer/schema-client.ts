import { avroDecoder, type AvroDecoder } from './avro-decoder';

/** Fetches schemas by id from a registry, each once. */
export class SchemaClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #decoders = new Map<number, Promise<AvroDecoder>>();

  /** @param user `user:password` for basic authentication */
  constructor(url: string, user?: string) {
    this.#url = url;
    this.#headers = user === undefined ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` };
  }

  decoder(id: number): Promise<AvroDecoder> {
    let decoder = this.#decoders.get(id);
    if (decoder === undefined) {
      decoder = this.#fetch(id);
      this.#decoders.set(id, decoder);
    }
    return decoder;
  }

  async #fetch(id: number): Promise<AvroDecoder> {
    const response = await fetch(`${this.#url}/schemas/ids/${id}`, { headers: this.#headers });
    if (!response.ok) throw new Error(`The registry has no schema ${id}: ${await response.text()}`);
    const { schema } = (await response.json()) as { schema: string };
    return avroDecoder(schema);
  }
}
