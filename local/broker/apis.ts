import { errorCode, type ClusterState } from './cluster-state';
import { readBatches } from './record-batch';
import type { PartitionLog } from './partition-log';
import type { WireReader, WireWriter } from './wire';

/** What an API needs beside its request. */
export interface ApiContext {
  readonly state: ClusterState;
  readonly version: number;
  readonly host: string;
  readonly port: number;
  /** Aborted when the broker or the connection closes. */
  readonly signal: AbortSignal;
}

interface Api {
  readonly min: number;
  readonly max: number;
  answer(request: WireReader, response: WireWriter, context: ApiContext): void | Promise<void>;
}

/** The one broker's id. */
const nodeId = 1;
/** Kafka's own default for a batch. */
const maxBatchBytes = 1_048_588;

/** What the broker can do, by API key. Layouts: https://kafka.apache.org/protocol#protocol_api_keys */
const apis: Readonly<Record<number, Api>> = {
  0: { min: 3, max: 7, answer: produce },
  1: { min: 4, max: 4, answer: fetch },
  2: { min: 1, max: 2, answer: listOffsets },
  3: { min: 1, max: 4, answer: metadata },
  10: { min: 0, max: 1, answer: findCoordinator },
  18: { min: 0, max: 0, answer: apiVersions },
  19: { min: 0, max: 4, answer: createTopics },
  21: { min: 0, max: 0, answer: deleteRecords },
  22: { min: 0, max: 1, answer: initProducerId },
  24: { min: 0, max: 0, answer: addPartitionsToTransaction },
  26: { min: 0, max: 1, answer: endTransaction },
};

/** Answers one request. @throws Error for an API or version that was not offered */
export async function answer(apiKey: number, request: WireReader, response: WireWriter, context: ApiContext): Promise<void> {
  const api = apis[apiKey];
  // Clients begin with the newest version they know and accept this answer, which says what there is.
  if (apiKey === 18 && context.version > 0) writeApiVersions(response, errorCode.unsupportedVersion);
  else if (api === undefined || context.version < api.min || context.version > api.max)
    throw new Error(`API ${apiKey} version ${context.version} is not offered`);
  else await api.answer(request, response, context);
}

function apiVersions(_request: WireReader, response: WireWriter): void {
  writeApiVersions(response, errorCode.none);
}

function writeApiVersions(response: WireWriter, error: number): void {
  response.int16(error).array(Object.entries(apis), ([key, { min, max }]) => response.int16(Number(key)).int16(min).int16(max));
}

function metadata(request: WireReader, response: WireWriter, { state, version, host, port }: ApiContext): void {
  const names = request.nullableArray(() => request.string()) ?? [...state.topics.keys()];
  if (version >= 3) response.int32(0);
  response.array([nodeId], (id) => response.int32(id).string(host).int32(port).string(null));
  if (version >= 2) response.string('embedded');
  response.int32(nodeId).array(names, (name) => {
    const topic = state.topics.get(name);
    const error = topic === undefined ? errorCode.unknownTopicOrPartition : errorCode.none;
    response.int16(error).string(name).bool(false);
    response.array([...(topic?.partitions.keys() ?? [])], (partition) => {
      response.int16(errorCode.none).int32(partition).int32(nodeId);
      response.array([nodeId], (id) => response.int32(id)).array([nodeId], (id) => response.int32(id));
    });
  });
}

function produce(request: WireReader, response: WireWriter, { state, version }: ApiContext): void {
  const transactionalId = request.nullableString();
  request.int16(); // acks: the answer goes out in any case, when it has been stored
  request.int32(); // timeout
  const topics = request.array(() => ({
    name: request.string(),
    partitions: request.array(() => ({ index: request.int32(), records: request.bytes() })),
  }));
  response.array(topics, ({ name, partitions }) =>
    response.string(name).array(partitions, ({ index, records }) => {
      const log = state.partition(name, index);
      const { error, offset } =
        log === undefined ? { error: errorCode.unknownTopicOrPartition, offset: -1n } : append(state, transactionalId, log, records);
      response.int32(index).int16(error).int64(offset).int64(-1n);
      if (version >= 5) response.int64(log?.startOffset ?? -1n);
    }),
  );
  response.int32(0);
  state.events.emit('change');
}

function append(
  state: ClusterState,
  transactionalId: string | null,
  log: PartitionLog,
  records: Buffer,
): { error: number; offset: bigint } {
  let batches;
  try {
    batches = readBatches(records);
  } catch {
    return { error: errorCode.corruptMessage, offset: -1n };
  }
  let offset = -1n;
  for (const batch of batches) {
    const error =
      batch.bytes.length > maxBatchBytes
        ? errorCode.messageTooLarge
        : state.mayProduce(transactionalId, batch.producerId, batch.producerEpoch, log);
    if (error !== errorCode.none) return { error, offset: -1n };
    const first = log.append(batch);
    if (offset < 0n) offset = first;
  }
  return { error: errorCode.none, offset };
}

async function fetch(request: WireReader, response: WireWriter, { state, signal }: ApiContext): Promise<void> {
  request.int32(); // replica
  const maxWaitMs = request.int32();
  request.int32(); // least number of bytes: any are enough
  const maxBytes = request.int32();
  const committedOnly = request.int8() === 1;
  const topics = request.array(() => ({
    name: request.string(),
    partitions: request.array(() => ({ index: request.int32(), offset: request.int64(), maxBytes: request.int32() })),
  }));
  const read = () => {
    let left = maxBytes;
    return topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index, offset, maxBytes: wanted }) => {
        const log = state.partition(name, index);
        const inRange = log !== undefined && offset >= log.startOffset && offset <= log.endOffset;
        const fetched = inRange && left > 0 ? log.fetch(offset, Math.min(wanted, left), committedOnly) : { batches: [], aborted: [] };
        left -= fetched.batches.reduce((sum, batch) => sum + batch.length, 0);
        return { index, log, inRange, ...fetched };
      }),
    }));
  };
  const isWorthAnswering = (found: ReturnType<typeof read>) =>
    found.some(({ partitions }) => partitions.some(({ inRange, batches }) => !inRange || batches.length > 0));

  const deadline = Date.now() + maxWaitMs;
  let found = read();
  while (!isWorthAnswering(found) && (await changed(state, deadline - Date.now(), signal))) found = read();

  response.int32(0).array(found, ({ name, partitions }) =>
    response.string(name).array(partitions, ({ index, log, inRange, batches, aborted }) => {
      const error = log === undefined ? errorCode.unknownTopicOrPartition : inRange ? errorCode.none : errorCode.offsetOutOfRange;
      response
        .int32(index)
        .int16(error)
        .int64(log?.endOffset ?? -1n)
        .int64(log?.stableOffset ?? -1n);
      response.array(aborted, ({ producerId, firstOffset }) => response.int64(producerId).int64(firstOffset)).bytes(batches);
    }),
  );
}

/** Waits until there may be more to read. @returns false when the time is up */
function changed(state: ClusterState, milliseconds: number, signal: AbortSignal): Promise<boolean> {
  if (milliseconds <= 0 || signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (result: boolean) => () => {
      clearTimeout(timer);
      state.events.off('change', onChange);
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    const onChange = end(true);
    const onAbort = end(false);
    const timer = setTimeout(onAbort, milliseconds);
    state.events.once('change', onChange);
    signal.addEventListener('abort', onAbort);
  });
}

function listOffsets(request: WireReader, response: WireWriter, { state, version }: ApiContext): void {
  request.int32(); // replica
  const committedOnly = version >= 2 && request.int8() === 1;
  const topics = request.array(() => ({
    name: request.string(),
    partitions: request.array(() => ({ index: request.int32(), time: request.int64() })),
  }));
  if (version >= 2) response.int32(0);
  response.array(topics, ({ name, partitions }) =>
    response.string(name).array(partitions, ({ index, time }) => {
      const log = state.partition(name, index);
      // -1 asks for the end, -2 for the beginning; for other times the beginning is a safe answer.
      const offset = log === undefined ? -1n : time !== -1n ? log.startOffset : committedOnly ? log.stableOffset : log.endOffset;
      response
        .int32(index)
        .int16(log === undefined ? errorCode.unknownTopicOrPartition : errorCode.none)
        .int64(-1n)
        .int64(offset);
    }),
  );
}

function findCoordinator(_request: WireReader, response: WireWriter, { version, host, port }: ApiContext): void {
  if (version >= 1) response.int32(0);
  response.int16(errorCode.none);
  if (version >= 1) response.string(null);
  response.int32(nodeId).string(host).int32(port);
}

function createTopics(request: WireReader, response: WireWriter, { state, version }: ApiContext): void {
  const topics = request.array(() => {
    const name = request.string();
    const partitions = request.int32();
    request.int16(); // replication
    const assigned = request.array(() => [request.int32(), request.array(() => request.int32())]);
    const config = new Map(request.array(() => [request.string(), request.nullableString()] as const));
    return { name, partitions: assigned.length > 0 ? assigned.length : partitions, config };
  });
  request.int32(); // timeout
  const validateOnly = version >= 1 && request.bool();
  if (version >= 2) response.int32(0);
  response.array(topics, ({ name, partitions, config }) => {
    response.string(name).int16(validateOnly ? errorCode.none : state.createTopic(name, partitions, config));
    if (version >= 1) response.string(null);
  });
}

function deleteRecords(request: WireReader, response: WireWriter, { state }: ApiContext): void {
  const topics = request.array(() => ({
    name: request.string(),
    partitions: request.array(() => ({ index: request.int32(), offset: request.int64() })),
  }));
  response.int32(0).array(topics, ({ name, partitions }) =>
    response.string(name).array(partitions, ({ index, offset }) => {
      const log = state.partition(name, index);
      let error: number = errorCode.none;
      if (log === undefined) error = errorCode.unknownTopicOrPartition;
      else if (state.topics.get(name)?.compacted === true) error = errorCode.policyViolation;
      else if (offset > log.endOffset) error = errorCode.offsetOutOfRange;
      else if (offset > log.startOffset) log.startOffset = offset;
      else if (offset === -1n) log.startOffset = log.endOffset;
      response
        .int32(index)
        .int64(log?.startOffset ?? -1n)
        .int16(error);
    }),
  );
}

function initProducerId(request: WireReader, response: WireWriter, { state }: ApiContext): void {
  const { producerId, epoch } = state.initProducer(request.nullableString());
  response.int32(0).int16(errorCode.none).int64(producerId).int16(epoch);
}

function addPartitionsToTransaction(request: WireReader, response: WireWriter, { state }: ApiContext): void {
  const transactionalId = request.string();
  const producerId = request.int64();
  const epoch = request.int16();
  const topics = request.array(() => ({ name: request.string(), partitions: request.array(() => request.int32()) }));
  response
    .int32(0)
    .array(topics, ({ name, partitions }) =>
      response
        .string(name)
        .array(partitions, (index) =>
          response.int32(index).int16(state.addPartition(transactionalId, producerId, epoch, state.partition(name, index))),
        ),
    );
}

function endTransaction(request: WireReader, response: WireWriter, { state }: ApiContext): void {
  const [transactionalId, producerId, epoch, committed] = [request.string(), request.int64(), request.int16(), request.bool()];
  response.int32(0).int16(state.endTransaction(transactionalId, producerId, epoch, committed));
}
