import { Tokenizer, TokenParser } from '@streamparser/json';
import { BodyProblem, RecordTooLarge } from './rest-failure';

/** A number as it stands in the JSON: a JavaScript number would round it. */
export class JsonNumber {
  constructor(readonly text: string) {}
}

export type JsonValue = string | boolean | null | JsonNumber | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);
}

/** The value as JSON again, its numbers digit by digit as they were. */
export function jsonText(value: JsonValue): string {
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(jsonText).join(',')}]`;
  if (isJsonObject(value)) {
    return `{${Object.entries(value)
      .map(([name, inner]) => `${JSON.stringify(name)}:${jsonText(inner)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value);
}

/** What an answer looks like. */
export interface BodyShape {
  /** One JSON document, or one per line. */
  readonly format: 'json' | 'ndjson';
  /** Path of the array of records in the document, e.g. `data.items`; empty when the document is the array. */
  readonly records: string;
  /** Paths of single values beside the records, e.g. `meta.next`. */
  readonly values: readonly string[];
  /** Bytes that one record may have, and what stands between two of them. */
  readonly maxRecordBytes: number;
}

class ExactTokenizer extends Tokenizer {
  // The parser hands on whatever stands for a number.
  protected override parseNumber(text: string): number {
    return new JsonNumber(text) as unknown as number;
  }
}

/**
 * Reads the body of an answer piece by piece. It holds the record that is being read, and nothing of those before.
 */
export class BodyParser {
  readonly #shape: BodyShape;
  readonly #recordsPath: readonly string[];
  readonly #tokenizer: Tokenizer;
  readonly #parser: TokenParser;
  readonly #values = new Map<string, JsonValue>();
  #records: JsonValue[] = [];
  #hasArray = false;
  #bytes = 0;
  /** Bytes since the last record. */
  #pending = 0;
  /** Where the token begins that the parser has before it. */
  #offset = 0;

  constructor(shape: BodyShape) {
    this.#shape = shape;
    this.#recordsPath = shape.records === '' ? [] : shape.records.split('.');
    const isLines = shape.format === 'ndjson';
    const separator = isLines ? { separator: '\n' } : {};
    const paths = isLines ? ['$'] : [['$', ...this.#recordsPath, '*'].join('.'), ...shape.values.map((path) => `$.${path}`)];
    // Without buffers it collects strings letter by letter, which a large record would pay with many times its size.
    this.#tokenizer = new ExactTokenizer({ stringBufferSize: 64 * 1024, numberBufferSize: 64, ...separator });
    // Partial values: the parser then tells that an array begins, also when there is nothing in it.
    this.#parser = new TokenParser({ paths, keepStack: false, emitPartialValues: true, ...separator });
    this.#tokenizer.onToken = (token) => {
      this.#offset = token.offset;
      this.#parser.write(token);
    };
    this.#parser.onValue = ({ value, key, parent, stack, partial }) => {
      if (isLines) {
        if (!partial) this.#add(value as JsonValue);
        return;
      }
      const path = [...stack.slice(1).map((outer) => String(outer.key)), String(key)];
      const isRecord = path.length === this.#recordsPath.length + 1 && this.#recordsPath.every((name, index) => path[index] === name);
      if (!isRecord) {
        if (!partial) this.#values.set(path.join('.'), value as JsonValue);
      } else if (Array.isArray(parent)) {
        this.#hasArray = true;
        if (!partial) this.#add(value as JsonValue);
      } else if (!partial && this.#shape.values.includes(path.join('.'))) {
        this.#values.set(path.join('.'), value as JsonValue);
      }
    };
  }

  /**
   * Takes the next piece and returns the records that it completes.
   * @throws BodyProblem it is no valid JSON
   * @throws RecordTooLarge
   */
  write(piece: Uint8Array): readonly JsonValue[] {
    this.#records = [];
    this.#pending += piece.length;
    this.#guard(() => {
      this.#tokenizer.write(piece);
    });
    this.#bytes += piece.length;
    if (this.#pending > this.#shape.maxRecordBytes) throw new RecordTooLarge();
    return this.#records;
  }

  /**
   * The body is over.
   * @throws BodyProblem it ended too early, or it has no array of records
   */
  end(): readonly JsonValue[] {
    this.#records = [];
    try {
      this.#tokenizer.end();
      if (!this.#parser.isEnded) {
        if (this.#shape.format === 'json') throw new Error('The document is not complete');
        this.#parser.end();
      }
    } catch {
      throw new BodyProblem(`the JSON ends too early, after ${this.#bytes} bytes`, true);
    }
    if (this.#shape.format === 'json' && !this.#hasArray) {
      const place = this.#shape.records === '' ? 'the document is no array' : `the document has no array at ${this.#shape.records}`;
      throw new BodyProblem(place);
    }
    return this.#records;
  }

  /** The value at one of the paths named in the shape; undefined when the document does not have it. */
  value(path: string): JsonValue | undefined {
    return this.#values.get(path);
  }

  #add(record: JsonValue): void {
    this.#records.push(record);
    this.#pending = 0;
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      // The messages of the parser quote what they stumble on, so only the place is taken from them.
      const place = /absolute position "(\d+)"/.exec((error as Error).message)?.[1] ?? String(this.#offset);
      throw new BodyProblem(`it is no valid JSON at byte ${place}`);
    }
  }
}
