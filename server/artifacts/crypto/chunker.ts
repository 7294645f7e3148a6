/** Cuts a stream of buffers of any size into pieces of one size, without copying what fits. */
export class Chunker {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;

  constructor(private readonly pieceBytes: number) {}

  /** The whole pieces that are there now. */
  push(data: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    let at = 0;
    if (this.waitingBytes > 0) {
      at = Math.min(this.pieceBytes - this.waitingBytes, data.length);
      this.waiting.push(data.subarray(0, at));
      this.waitingBytes += at;
      if (this.waitingBytes < this.pieceBytes) return pieces;
      pieces.push(this.rest());
    }
    for (; at + this.pieceBytes <= data.length; at += this.pieceBytes) {
      pieces.push(data.subarray(at, at + this.pieceBytes));
    }
    if (at < data.length) {
      this.waiting.push(data.subarray(at));
      this.waitingBytes = data.length - at;
    }
    return pieces;
  }

  /** What is left over: shorter than a piece, possibly empty. */
  rest(): Buffer {
    const rest = Buffer.concat(this.waiting, this.waitingBytes);
    this.waiting = [];
    this.waitingBytes = 0;
    return rest;
  }
}
