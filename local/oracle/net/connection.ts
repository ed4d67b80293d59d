import type { Socket } from 'node:net';
import { OracleError, cancelled, invalidStatement, toOracleError } from '../oracle-error';
import type { RowSource } from '../row-source';
import { Session } from '../session';
import type { Interruptible, SessionHost } from '../session';
import type { Statement } from '../sql/ast';
import type { OutputColumn } from '../sql/context';
import { parseStatement } from '../sql/parse-statement';
import { isLob } from '../sql/types';
import type { Variable } from '../values/bind-value';
import { writeCallEnd, writeDescribe, writeRowHeader, writeStatus } from './answers';
import { ExecuteOption, readBindRows, readExecute } from './execute-request';
import { writeDataTypesAnswer, writeProtocolAnswer } from './handshake';
import { answerLobCall } from './lob-call';
import { LoginExchange, createVerifier, readAuthRequest } from './login';
import { MarkerKind, PacketCutter, PacketType, readConnect, sendAccept, sendData, sendMarker, sendRefuse } from './packets';
import { skipPiggyback } from './piggyback';
import { TtcReader } from './ttc-reader';
import { TtcWriter } from './ttc-writer';

const LARGEST_SDU = 65_535;
const FLAG_EOF = 0x40;
const FLAG_END_OF_REQUEST = 0x800;
const UNKNOWN_SERVICE = 12_514;
const REPEAT_INTERRUPT_MS = 20;

/** Function codes of the calls. */
const Call = {
  REEXECUTE: 4,
  FETCH: 5,
  LOGOFF: 9,
  COMMIT: 14,
  ROLLBACK: 15,
  REEXECUTE_AND_FETCH: 78,
  EXECUTE: 94,
  LOB: 96,
  AUTH_TWO: 115,
  AUTH_ONE: 118,
  PING: 147,
  SESSION_RELEASE: 163,
} as const;

/** What a connection needs from the server. */
export interface ConnectionHost extends SessionHost {
  /** Reports what must not happen: a wrong answer may look like a hang to the client. */
  readonly report: (error: unknown) => void;
  readonly nextSessionId: () => number;
  readonly opened: (session: Session) => void;
  readonly closed: (connection: ServerConnection, session: Session | null) => void;
}

interface Cursor {
  readonly statement: Statement;
  binds: readonly Variable[];
  columns: readonly OutputColumn[];
  rows: RowSource | null;
}

const shapeOf = (columns: readonly OutputColumn[]): string => columns.map(({ name, type }) => `${name} ${type.name}`).join();

/** One client: cuts packets, collects requests, answers them one after the other. */
export class ServerConnection {
  private readonly cutter = new PacketCutter();
  private sdu = 8192;
  private connectData: { readonly length: number; readonly sdu: number; readonly tdu: number; text: string } | null = null;
  private parts: Buffer[] = [];
  private queue: Promise<void> = Promise.resolve();
  private running: Interruptible | null = null;
  private breaking = false;
  /** An interrupt stood in the bytes that are being read now. */
  private interruptedNow = false;
  private login: LoginExchange | null = null;
  private loginUser = '';
  private session: Session | null = null;
  private readonly cursors = new Map<number, Cursor>();
  private nextCursor = 1;
  private answerSize = 4096;
  private isClosed = false;
  readonly closed: Promise<void>;

  constructor(
    private readonly socket: Socket,
    private readonly host: ConnectionHost,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      this.interruptedNow = false;
      try {
        this.cutter.push(bytes, (packet) => {
          this.onPacket(packet);
        });
      } catch (error) {
        this.fail(error);
      }
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        if (this.running !== null) this.stop(this.running);
        this.queue = this.queue.then(() => this.release());
        void this.queue.then(resolve);
      });
    });
  }

  /** Ends the connection as a server that goes down does. */
  destroy(): void {
    this.socket.destroy();
  }

  private fail(error: unknown): void {
    if (this.isClosed) return;
    this.host.report(error);
    this.socket.destroy();
  }

  private async release(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const cursor of this.cursors.values()) await cursor.rows?.close();
    this.cursors.clear();
    await this.session?.[Symbol.asyncDispose]();
    this.host.closed(this, this.session);
  }

  private onPacket(packet: Buffer): void {
    switch (packet[4]) {
      case PacketType.CONNECT: {
        const { sdu, tdu, data, dataLength } = readConnect(packet);
        if (data === null) this.connectData = { length: dataLength, sdu, tdu, text: '' };
        else this.accept(data, sdu, tdu);
        return;
      }
      case PacketType.DATA: {
        const flags = packet.readUInt16BE(8);
        const payload = packet.subarray(10);
        if (this.connectData !== null) {
          const { connectData } = this;
          connectData.text += payload.toString('latin1');
          if (connectData.text.length >= connectData.length) {
            this.connectData = null;
            this.accept(connectData.text, connectData.sdu, connectData.tdu);
          }
          return;
        }
        if ((flags & FLAG_EOF) !== 0) {
          this.socket.end();
          return;
        }
        this.parts.push(Buffer.from(payload));
        if ((flags & FLAG_END_OF_REQUEST) === 0) return;
        const request = this.parts.length === 1 ? this.parts[0]! : Buffer.concat(this.parts);
        this.parts = [];
        const call: Interruptible = { interrupt: null, cancelled: false };
        this.running = call;
        this.queue = this.queue
          .then(() => this.handle(request, call))
          .catch((error: unknown) => {
            this.fail(error);
          });
        return;
      }
      case PacketType.MARKER:
        this.onMarker(packet[10] ?? 0);
        return;
      default:
        throw new RangeError(`packet of type ${packet[4] ?? 0}`);
    }
  }

  private accept(connectData: string, sdu: number, tdu: number): void {
    const service = /\((?:SERVICE_NAME|SID)\s*=\s*([^)\s]+)\s*\)/i.exec(connectData)?.[1] ?? '';
    if (service.toUpperCase() !== this.host.service.toUpperCase()) {
      sendRefuse(this.socket, UNKNOWN_SERVICE);
      this.socket.end();
      return;
    }
    this.sdu = Math.min(sdu, LARGEST_SDU);
    sendAccept(this.socket, this.sdu, Math.min(tdu, 2_097_152));
    this.cutter.wideLengths = true;
  }

  /** Interrupt: stop the call and answer with a break marker. Reset: once the call has ended, a reset marker and ORA-01013. */
  private onMarker(kind: number): void {
    if (kind === MarkerKind.INTERRUPT || kind === MarkerKind.BREAK) {
      this.breaking = true;
      this.interruptedNow = true;
      this.parts = [];
      if (this.running !== null) this.stop(this.running);
      sendMarker(this.socket, MarkerKind.BREAK);
      return;
    }
    // A client that cannot read an answer breaks off and resets in one go; one that cancels a call waits for the break in between.
    if (this.running !== null) this.stop(this.running);
    if (this.interruptedNow) this.host.report(new Error('the client broke off: it could not read the last answer'));
    this.queue = this.queue.then(() => {
      this.breaking = false;
      sendMarker(this.socket, MarkerKind.RESET);
      const writer = new TtcWriter(256);
      writeCallEnd(writer, { error: cancelled(), inTransaction: this.session?.inTransaction ?? false });
      sendData(this.socket, writer.written(), this.sdu);
    });
  }

  /** Stops a running call. An interrupt that comes just before DuckDB begins a query is lost: so it is repeated until the call has ended. */
  private stop(call: Interruptible): void {
    call.cancelled = true;
    call.interrupt?.();
    const again = setInterval(() => {
      if (this.running === call) call.interrupt?.();
      else clearInterval(again);
    }, REPEAT_INTERRUPT_MS);
  }

  private async handle(request: Buffer, call: Interruptible): Promise<void> {
    let writer = new TtcWriter(this.answerSize);
    try {
      // A break may come before the call it is meant for.
      if (call.cancelled || this.breaking) throw cancelled();
      await this.answer(new TtcReader(request), writer, call);
    } catch (error) {
      const known = toOracleError(error);
      // What the translation did not foresee is the server's fault, not the client's.
      if (!(error instanceof OracleError) && (known.code === 600 || known.code === 900)) this.host.report(error);
      writer = new TtcWriter(512);
      writeCallEnd(writer, { error: known, inTransaction: this.session?.inTransaction ?? false });
    }
    if (this.running === call) this.running = null;
    if (this.breaking || call.cancelled || this.isClosed) return;
    this.answerSize = Math.max(4096, Math.min(writer.position + 1024, 4 * 1024 * 1024));
    sendData(this.socket, writer.written(), this.sdu);
  }

  private async answer(reader: TtcReader, writer: TtcWriter, call: Interruptible): Promise<void> {
    for (;;) {
      const type = reader.u8();
      if (type === 1) {
        writeProtocolAnswer(writer);
        return;
      }
      if (type === 2) {
        writeDataTypesAnswer(writer);
        return;
      }
      const code = reader.u8();
      reader.u8();
      if (type === 17) {
        const closedCursors = skipPiggyback(reader, code, (schema) => this.session?.alter('CURRENT_SCHEMA', schema));
        for (const id of closedCursors) await this.closeCursor(id, code === 105);
        continue;
      }
      if (type !== 3) throw new RangeError(`message of type ${type}`);
      if (code === Call.AUTH_ONE || code === Call.AUTH_TWO) {
        this.authenticate(reader, writer, code);
        return;
      }
      if (this.session === null) throw new OracleError(1012, 'not logged on');
      await this.call(code, reader, writer, call, this.session);
      return;
    }
  }

  private authenticate(reader: TtcReader, writer: TtcWriter, code: number): void {
    const { user, pairs } = readAuthRequest(reader);
    const { catalog } = this.host.database;
    const denied = new OracleError(1017, 'invalid username/password; logon denied');
    if (code === Call.AUTH_ONE) {
      this.loginUser = user.startsWith('"') ? user.slice(1, -1) : user.toUpperCase();
      // An unknown user gets a challenge too: only phase two tells that it was wrong.
      this.login = new LoginExchange(createVerifier(catalog.users.get(this.loginUser)?.password ?? 'no such user'));
      this.login.writeChallenge(writer);
      return;
    }
    const opened = this.login?.open(pairs) ?? null;
    const known = catalog.users.get(this.loginUser);
    if (opened === null || known === undefined || opened.password !== known.password) throw denied;
    const id = this.host.nextSessionId();
    const session = new Session(this.host, this.loginUser, id);
    const zone = /TIME_ZONE\s*=\s*'([^']+)'/i.exec(pairs.get('AUTH_ALTER_SESSION') ?? '')?.[1];
    if (zone !== undefined) session.alter('TIME_ZONE', zone);
    this.session = session;
    this.host.opened(session);
    LoginExchange.writeSuccess(writer, opened.key, { id, serial: id, service: this.host.service });
  }

  private async call(code: number, reader: TtcReader, writer: TtcWriter, call: Interruptible, session: Session): Promise<void> {
    switch (code) {
      case Call.EXECUTE:
        return this.execute(reader, writer, call, session);
      case Call.REEXECUTE:
      case Call.REEXECUTE_AND_FETCH:
        return this.reexecute(code, reader, writer, call, session);
      case Call.FETCH: {
        const cursor = this.cursor(reader.ub());
        return this.writeRows(writer, cursor, reader.ub(), call, session);
      }
      case Call.LOB:
        answerLobCall(reader, writer, session);
        return;
      case Call.COMMIT:
        await session.commit();
        break;
      case Call.ROLLBACK:
      case Call.LOGOFF:
        await session.rollback();
        break;
      case Call.PING:
      case Call.SESSION_RELEASE:
        break;
      default:
        throw new OracleError(3115, `unsupported network datatype or representation (call ${code})`);
    }
    writeStatus(writer, session.inTransaction);
  }

  private cursor(id: number): readonly [number, Cursor] {
    const cursor = this.cursors.get(id);
    if (cursor === undefined) throw new OracleError(1001, 'invalid cursor');
    return [id, cursor];
  }

  private async closeCursor(id: number, forget: boolean): Promise<void> {
    const cursor = this.cursors.get(id);
    await cursor?.rows?.close();
    if (cursor !== undefined) cursor.rows = null;
    if (forget) this.cursors.delete(id);
  }

  private async execute(reader: TtcReader, writer: TtcWriter, call: Interruptible, session: Session): Promise<void> {
    const request = readExecute(reader);
    const has = (option: number): boolean => (request.options & option) !== 0;
    let id = request.cursor;
    if (request.sql !== null) {
      const { statement } = parseStatement(request.sql);
      if (id === 0) id = this.nextCursor++;
      else await this.closeCursor(id, true);
      this.cursors.set(id, { statement, binds: request.binds, columns: [], rows: null });
    }
    const [, cursor] = this.cursor(id);
    try {
      if (has(ExecuteOption.DEFINE) && !has(ExecuteOption.EXECUTE)) {
        // The client has described its columns after it saw that there are LOBs: the rows follow, without a new description.
        cursor.rows?.define(request.defines);
        await this.writeRows(writer, [id, cursor], request.rows, call, session);
        return;
      }
      if (has(ExecuteOption.BIND)) cursor.binds = request.binds;
      if (has(ExecuteOption.DESCRIBE) && !has(ExecuteOption.EXECUTE)) {
        if (cursor.statement.kind === 'query') writeDescribe(writer, session.describe(cursor.statement));
        writeCallEnd(writer, { cursor: id, inTransaction: session.inTransaction });
        return;
      }
      if (cursor.statement.kind !== 'query') {
        await this.runStatement(writer, [id, cursor], request.bindRows, call, session, {
          commit: has(ExecuteOption.COMMIT),
          batchErrors: has(ExecuteOption.BATCH_ERRORS),
        });
        return;
      }
      await this.startQuery(cursor, request.bindRows[0] ?? [], call, session);
      writeDescribe(writer, cursor.columns);
      if (!has(ExecuteOption.FETCH) || request.rows === 0 || cursor.columns.some((column) => isLob(column.type))) {
        writeCallEnd(writer, { cursor: id, inTransaction: session.inTransaction });
        return;
      }
      await this.writeRows(writer, [id, cursor], request.rows, call, session);
    } catch (error) {
      if (request.sql !== null) await this.closeCursor(id, true);
      throw error;
    }
  }

  private async reexecute(code: number, reader: TtcReader, writer: TtcWriter, call: Interruptible, session: Session): Promise<void> {
    const [id, cursor] = this.cursor(reader.ub());
    const rows = reader.ub();
    reader.ub();
    const flags = reader.ub();
    const bindRows = readBindRows(reader, cursor.binds);
    if (cursor.statement.kind !== 'query') {
      await this.runStatement(writer, [id, cursor], bindRows, call, session, { commit: (flags & 1) !== 0, batchErrors: false });
      return;
    }
    const before = shapeOf(cursor.columns);
    await this.startQuery(cursor, bindRows[0] ?? [], call, session);
    // A table may have got another shape since the client was told its columns.
    if (shapeOf(cursor.columns) !== before) writeDescribe(writer, cursor.columns);
    if (code === Call.REEXECUTE || rows === 0) writeCallEnd(writer, { cursor: id, inTransaction: session.inTransaction });
    else await this.writeRows(writer, [id, cursor], rows, call, session);
  }

  private async startQuery(cursor: Cursor, binds: Parameters<Session['query']>[1], call: Interruptible, session: Session): Promise<void> {
    if (cursor.statement.kind !== 'query') throw invalidStatement('query expected');
    await cursor.rows?.close();
    cursor.rows = null;
    const { columns, rows } = await session.query(cursor.statement, binds, call);
    cursor.columns = columns;
    cursor.rows = rows;
  }

  private async writeRows(
    writer: TtcWriter,
    [id, cursor]: readonly [number, Cursor],
    count: number,
    call: Interruptible,
    session: Session,
  ): Promise<void> {
    const { rows } = cursor;
    if (rows === null) throw new OracleError(1002, 'fetch out of sequence');
    call.interrupt = () => {
      rows.interrupt();
    };
    if (call.cancelled) throw cancelled();
    writeRowHeader(writer);
    let exhausted: boolean;
    try {
      exhausted = await rows.write(writer, count);
    } catch (error) {
      cursor.rows = null;
      await rows.close();
      throw error;
    }
    writeCallEnd(writer, { cursor: id, rowCount: rows.delivered, exhausted, inTransaction: session.inTransaction });
  }

  private async runStatement(
    writer: TtcWriter,
    [id, cursor]: readonly [number, Cursor],
    bindRows: Parameters<Session['run']>[1],
    call: Interruptible,
    session: Session,
    options: { readonly commit: boolean; readonly batchErrors: boolean },
  ): Promise<void> {
    if (cursor.statement.kind === 'query') throw invalidStatement('no query expected');
    const { rowCount, errors } = await session.run(cursor.statement, bindRows, call, options.batchErrors);
    if (options.commit) await session.commit();
    writeCallEnd(writer, { cursor: id, rowCount, batchErrors: errors, inTransaction: session.inTransaction });
  }
}
