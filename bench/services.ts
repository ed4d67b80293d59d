import path from 'node:path';
import { runInBackground, type Background } from './child';
import { projectFolder } from './project';
import { Topics } from './topics';

export interface KafkaServices {
  readonly bootstrap: string;
  readonly registry: string;
}

export interface OracleService {
  readonly connectString: string;
  readonly user: string;
  readonly password: string;
}

/** Broker, registry and Oracle server for the benchmarks: started when first asked for, each a process of its own. */
export class Services implements AsyncDisposable {
  #kafka: Promise<Background<KafkaServices>> | undefined;
  #topics: Topics | undefined;
  readonly #oracle = new Map<number, Promise<Background<OracleService>>>();

  /** A real broker and registry. */
  async kafka(): Promise<KafkaServices> {
    const script = path.join(projectFolder, 'scripts', 'parts', 'services.mjs');
    this.#kafka ??= runInBackground(process.execPath, [script, '--watch', String(process.pid)]);
    return (await this.#kafka).said;
  }

  /** Runs `work` with a new topic of one partition, which is removed afterwards. */
  async withTopic<T>(work: (kafka: KafkaServices, topic: string) => Promise<T>): Promise<T> {
    const kafka = await this.kafka();
    this.#topics ??= new Topics(kafka.bootstrap);
    return this.#topics.withTopic((topic) => work(kafka, topic));
  }

  /** The embedded Oracle server with that many rows in LIMSPRD.BULK. */
  async oracle(rows: number): Promise<OracleService> {
    let server = this.#oracle.get(rows);
    if (server === undefined) {
      server = runInBackground(process.execPath, [path.join(__dirname, '..', 'local', 'oracle', 'main.js')], {
        ORACLE_BULK_ROWS: String(rows),
      });
      this.#oracle.set(rows, server);
    }
    return (await server).said;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#topics?.[Symbol.asyncDispose]();
    for (const started of [this.#kafka, ...this.#oracle.values()]) await (await started?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }
}
