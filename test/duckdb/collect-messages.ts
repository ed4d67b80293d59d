import type { EncodeRequest, MessageSink } from '../../src/lib/duckdb/encode-rows';
import type { Workspace } from '../../src/lib/duckdb/workspace';
import { KeySchema, type ValueSchema } from '../../src/lib/schema';

/** A message as a sink keeps it: copies, because the encoder overwrites its buffers. */
export interface CollectedMessage {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Encodes a table and keeps all messages. */
export async function collectMessages(
  workspace: Workspace,
  table: string,
  valueSchema: ValueSchema,
  options: Partial<EncodeRequest> = {},
): Promise<CollectedMessage[]> {
  const messages: CollectedMessage[] = [];
  const sink: MessageSink = {
    write(key, value) {
      messages.push({ key: Buffer.from(key), value: Buffer.from(value) });
      return true;
    },
    ready: () => Promise.resolve(),
  };
  const request = {
    table,
    valueSchema,
    keySchema: new KeySchema(valueSchema),
    valueSchemaId: 7,
    keySchemaId: 8,
    technical: {},
    ...options,
  };
  await workspace.encodeRows(request, sink);
  return messages;
}
