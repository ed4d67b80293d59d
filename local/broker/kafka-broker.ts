import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { answer } from './apis';
import { ClusterState } from './cluster-state';
import { WireReader, WireWriter } from './wire';

export interface LocalKafkaBroker extends AsyncDisposable {
  /** `bootstrap.servers` for clients, e.g. `127.0.0.1:41234`. */
  readonly bootstrap: string;
  /** Makes topics, of one partition by default. Existing topics stay as they are. Clients can make topics themselves, too. */
  createTopics(names: readonly string[], partitions?: number): Promise<void>;
  /** Cuts all connections, and those that come, until `mend`: to clients it is gone. What was written stays. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/**
 * Starts a small Kafka broker in this process, in memory: topics, idempotent and transactional producers, consumers with assigned partitions that read
 * committed messages only. It has no consumer groups, no authentication and no retention: it grows with what is written. It carries the demo; what is to be
 * proved about Kafka is proved on a real broker.
 */
export async function startKafkaBroker(): Promise<LocalKafkaBroker> {
  const state = new ClusterState();
  const closing = new AbortController();
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((socket) => {
    if (isCut) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, state, address, closing.signal);
  });
  const address = await listen(server);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closed ??= new Promise((resolve) => {
      closing.abort();
      server.close(() => {
        resolve();
      });
      for (const socket of sockets) socket.destroy();
    }));
  return {
    bootstrap: `${address.address}:${address.port}`,
    createTopics(names, partitions = 1) {
      for (const name of names) state.createTopic(name, partitions);
      return Promise.resolve();
    },
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function listen(server: Server): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return server.address() as AddressInfo;
}

/** Answers the requests of one connection, one after the other, as a broker does. */
function serve(socket: Socket, state: ClusterState, { address: host, port }: AddressInfo, closing: AbortSignal): void {
  const gone = new AbortController();
  const signal = AbortSignal.any([closing, gone.signal]);
  let received: Buffer[] = [];
  let size = 0;
  let work = Promise.resolve();
  socket.setNoDelay(true);
  socket.on('error', () => undefined); // 'close' follows
  socket.once('close', () => {
    gone.abort();
  });
  socket.on('data', (chunk) => {
    received.push(chunk);
    size += chunk.length;
    if (size < 4) return;
    const length = lengthOf(received);
    if (length < 0 || length > maxRequestBytes) socket.destroy(); // another protocol
    if (size < 4 + length) return;
    let buffer = Buffer.concat(received);
    while (buffer.length >= 4 && buffer.length >= 4 + buffer.readInt32BE(0)) {
      const end = 4 + buffer.readInt32BE(0);
      const request = buffer.subarray(4, end);
      work = work
        .then(() => respond(request))
        .catch(() => {
          // What we cannot understand ends the connection, as with a real broker.
          socket.destroy();
        });
      buffer = buffer.subarray(end);
    }
    received = [buffer];
    size = buffer.length;
  });

  async function respond(bytes: Buffer): Promise<void> {
    const request = new WireReader(bytes);
    const [apiKey, version, correlationId] = [request.int16(), request.int16(), request.int32()];
    request.nullableString(); // client id
    const response = new WireWriter().int32(correlationId);
    await answer(apiKey, request, response, { state, version, host, port, signal });
    if (!socket.destroyed) socket.write(response.framed());
  }
}

/** Kafka's `socket.request.max.bytes`. */
const maxRequestBytes = 104_857_600;

/** The length that the first four bytes state, wherever they were cut. */
function lengthOf(chunks: readonly Buffer[]): number {
  const first = chunks[0]!;
  return first.length >= 4 ? first.readInt32BE(0) : Buffer.concat(chunks).readInt32BE(0);
}
