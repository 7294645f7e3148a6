import { FRAME_HEAD_BYTES } from "./frame-codec";

export type Frame = { type: number; id: number; payload: Buffer };

/** Cuts a stream of bytes into frames, whatever its chunks are. */
export class FrameReader {
  private pieces: Buffer[] = [];
  private bytes = 0;
  /** Bytes that the next frame takes, its length word included; 0 while that is not known. */
  private wanted = 0;

  /** `frameBytesMax` bounds what a peer can make us keep. */
  constructor(private readonly frameBytesMax: number) {}

  /** Hands over every frame that is whole now. Answers false when the stream is no stream of frames. */
  push(chunk: Buffer, take: (frame: Frame) => void): boolean {
    this.pieces.push(chunk);
    this.bytes += chunk.byteLength;
    if (this.bytes < Math.max(4, this.wanted)) return true;
    let buffer = this.pieces.length === 1 ? chunk : Buffer.concat(this.pieces, this.bytes);
    this.wanted = 0;
    while (buffer.byteLength >= 4) {
      const length = 4 + buffer.readUInt32LE(0);
      if (length < FRAME_HEAD_BYTES || length > this.frameBytesMax) return false;
      if (buffer.byteLength < length) {
        this.wanted = length;
        break;
      }
      take({
        id: buffer.readUInt32LE(4),
        type: buffer[8] ?? 0,
        payload: buffer.subarray(FRAME_HEAD_BYTES, length),
      });
      buffer = buffer.subarray(length);
    }
    this.pieces = buffer.byteLength > 0 ? [buffer] : [];
    this.bytes = buffer.byteLength;
    return true;
  }
}
