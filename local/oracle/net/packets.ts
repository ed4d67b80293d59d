import type { Socket } from 'node:net';

/** Packet types of the transparent network substrate. */
export const PacketType = { CONNECT: 1, ACCEPT: 2, REFUSE: 4, DATA: 6, MARKER: 12 } as const;

/** Kinds of marker packets. */
export const MarkerKind = { BREAK: 1, RESET: 2, INTERRUPT: 3 } as const;

const HEADER = 8;
const DATA_HEADER = 10;

/** Cuts a byte stream into packets. Lengths have 16 bits until `wideLengths` is set, 32 bits afterwards. */
export class PacketCutter {
  wideLengths = false;
  private rest: Buffer = Buffer.alloc(0);

  /** Adds received bytes and calls `onPacket` for every complete packet, header included. */
  push(bytes: Buffer, onPacket: (packet: Buffer) => void): void {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    while (this.rest.length >= HEADER) {
      const length = this.wideLengths ? this.rest.readUInt32BE(0) : this.rest.readUInt16BE(0);
      if (length < HEADER) throw new RangeError(`packet of ${length} bytes`);
      if (this.rest.length < length) return;
      const packet = this.rest.subarray(0, length);
      this.rest = this.rest.subarray(length);
      onPacket(packet);
    }
  }
}

/** Sends one answer as DATA packets of at most `sdu` bytes. */
export function sendData(socket: Socket, answer: Buffer, sdu: number): void {
  const capacity = sdu - DATA_HEADER;
  socket.cork();
  for (let start = 0; start < answer.length; start += capacity) {
    const part = answer.subarray(start, start + capacity);
    const header = Buffer.alloc(DATA_HEADER);
    header.writeUInt32BE(part.length + DATA_HEADER, 0);
    header[4] = PacketType.DATA;
    socket.write(header);
    socket.write(part);
  }
  socket.uncork();
}

/** Sends a marker. */
export function sendMarker(socket: Socket, kind: number): void {
  const packet = Buffer.alloc(11);
  packet.writeUInt32BE(packet.length, 0);
  packet[4] = PacketType.MARKER;
  packet[8] = 1;
  packet[10] = kind;
  socket.write(packet);
}

/** What a CONNECT packet asks for. */
export interface ConnectRequest {
  readonly sdu: number;
  readonly tdu: number;
  /** Length of the connect data. */
  readonly dataLength: number;
  /** The connect data when it stands in this packet; null when it follows in DATA packets. */
  readonly data: string | null;
}

/** Reads a CONNECT packet. */
export function readConnect(packet: Buffer): ConnectRequest {
  const dataLength = packet.readUInt16BE(24);
  const offset = packet.readUInt16BE(26);
  return {
    sdu: packet.readUInt32BE(58),
    tdu: packet.readUInt32BE(62),
    dataLength,
    data: packet.length >= offset + dataLength ? packet.toString('latin1', offset, offset + dataLength) : null,
  };
}

/** Sends ACCEPT: no native network services, no fast authentication, no end-of-response framing. */
export function sendAccept(socket: Socket, sdu: number, tdu: number): void {
  const packet = Buffer.alloc(45);
  packet.writeUInt16BE(packet.length, 0);
  packet[4] = PacketType.ACCEPT;
  packet.writeUInt16BE(319, 8);
  packet.writeUInt16BE(1, 10);
  packet.writeUInt16BE(Math.min(sdu, 65535), 12);
  packet.writeUInt16BE(Math.min(tdu, 65535), 14);
  packet.writeUInt16BE(1, 16);
  packet.writeUInt16BE(45, 20);
  packet[22] = 0x08;
  packet[23] = 0x08;
  packet.writeUInt32BE(sdu, 32);
  packet.writeUInt32BE(tdu, 36);
  socket.write(packet);
}

/** Sends REFUSE with the listener's error, e.g. 12514 for an unknown service. */
export function sendRefuse(socket: Socket, error: number): void {
  const text = `(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=${error})(ERROR_STACK=(ERROR=(CODE=${error})(EMFI=4))))`;
  const packet = Buffer.alloc(12 + text.length);
  packet.writeUInt16BE(packet.length, 0);
  packet[4] = PacketType.REFUSE;
  packet[8] = 4;
  packet[9] = 34;
  packet.writeUInt16BE(text.length, 10);
  packet.write(text, 12, 'latin1');
  socket.write(packet);
}
