import type { Duplex } from "node:stream";

/** Joining small frames costs less than handing each to the system. */
const JOIN_BYTES_MAX = 256 * 1024;

/** Writes the frames of one turn of the event loop at once. */
export class FrameOutbox {
  private frames: Buffer[] = [];
  private bytes = 0;

  constructor(private readonly socket: Duplex) {}

  send(frame: Buffer): void {
    this.frames.push(frame);
    this.bytes += frame.byteLength;
    if (this.frames.length === 1) setImmediate(() => this.flush());
  }

  private flush(): void {
    const { frames, bytes, socket } = this;
    this.frames = [];
    this.bytes = 0;
    if (socket.destroyed || !socket.writable) return;
    const [only] = frames;
    if (frames.length === 1 && only) socket.write(only);
    else if (bytes <= JOIN_BYTES_MAX) socket.write(Buffer.concat(frames, bytes));
    else {
      socket.cork();
      for (const frame of frames) socket.write(frame);
      socket.uncork();
    }
  }

  /** Ends the connection behind what was said. */
  end(): void {
    setImmediate(() => {
      this.flush();
      this.socket.end();
    });
  }
}
