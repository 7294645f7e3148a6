import { crc32, deflateRawSync, gzipSync } from "node:zlib";

interface Entry {
  name: string;
  content?: Buffer;
  /** Unix mode with its file type; a regular file when absent. */
  mode?: number;
  /** What the directory says of the unpacked size, in place of the truth. */
  claims?: number;
}

const SYMLINK = 0o120777;
const DEVICE = 0o020666;

const numbers = (...pairs: [bytes: 2 | 4, value: number][]): Buffer =>
  Buffer.concat(
    pairs.map(([bytes, value]) => {
      const one = Buffer.alloc(bytes);
      if (bytes === 2) one.writeUInt16LE(value & 0xffff);
      else one.writeUInt32LE(value >>> 0);
      return one;
    }),
  );

/** A ZIP archive, entry by entry as told, however wrong. */
function zip(entries: Entry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content = Buffer.from("x"), mode = 0o100644, claims } of entries) {
    const packed = deflateRawSync(content);
    const title = Buffer.from(name);
    const sizes: [2 | 4, number][] = [
      [4, crc32(content)],
      [4, packed.length],
      [4, claims ?? content.length],
      [2, title.length],
      [2, 0],
    ];
    const head = numbers([4, 0x04034b50], [2, 20], [2, 0x800], [2, 8], [4, 0], ...sizes);
    files.push(head, title, packed);
    directory.push(
      numbers([4, 0x02014b50], [2, 0x031e], [2, 20], [2, 0x800], [2, 8], [4, 0], ...sizes),
      numbers([2, 0], [2, 0], [2, 0], [4, (mode << 16) >>> 0], [4, offset]),
      title,
    );
    offset += head.length + title.length + packed.length;
  }
  const index = Buffer.concat(directory);
  const end = numbers([4, 0x06054b50], [4, 0], [2, entries.length], [2, entries.length]);
  return Buffer.concat([...files, index, end, numbers([4, index.length], [4, offset], [2, 0])]);
}

interface TarEntry {
  name: string;
  /** 0 file, 1 hard link, 2 symbolic link, 3 character device, 5 folder. */
  type?: "0" | "1" | "2" | "3" | "5";
  link?: string;
  content?: string;
  size?: string;
}

function tar(entries: TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ name, type = "0", link = "", content = "", size }) => {
    const head = Buffer.alloc(512);
    head.write(name, 0, 100);
    head.write("0000644\0", 100);
    head.write(size ?? `${content.length.toString(8).padStart(11, "0")}\0`, 124, 12, "latin1");
    head.write("        ", 148);
    head.write(type, 156);
    head.write(link, 157, 100);
    head.write("ustar\0", 257);
    const sum = head.reduce((total, byte) => total + byte, 0);
    head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
    body.write(content);
    return [head, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** Archives that have broken what unpacks them; `canary` is an absolute path to reach for. */
export function hostileArchives(canary: string): Record<string, Buffer> {
  const climb = "../".repeat(12) + canary.slice(1);
  const through = (link: string): TarEntry[] => [
    { name: "link", type: "2", link },
    { name: "link/canary.txt", content: "overwritten" },
  ];
  return {
    "climbing.zip": zip([{ name: climb, content: Buffer.from("overwritten") }]),
    "backslash.zip": zip([{ name: climb.replaceAll("/", "\\") }]),
    "absolute.zip": zip([{ name: canary, content: Buffer.from("overwritten") }]),
    "symlink.zip": zip([
      { name: "data.csv", mode: SYMLINK, content: Buffer.from(canary) },
      { name: "data.csv/x" },
    ]),
    "device.zip": zip([{ name: "data.csv", mode: DEVICE }]),
    "nul-name.zip": zip([{ name: "data.csv\u0000../x" }]),
    "same-names.zip": zip([{ name: "DATA.csv" }, { name: "data.csv" }, { name: "data.csv" }]),
    "many-entries.zip": zip(Array.from({ length: 60_000 }, (_, at) => ({ name: String(at) }))),
    "bomb.zip": zip([{ name: "data.csv", content: Buffer.alloc(64 * 1024 * 1024, "1,") }]),
    "liar.zip": zip([{ name: "data.csv", content: Buffer.alloc(1_000_000), claims: 10 }]),
    "cut.zip": zip([{ name: "data.csv" }]).subarray(0, 40),
    "climbing.tar": tar([{ name: climb.slice(0, 100), content: "overwritten" }]),
    "absolute.tar": tar([{ name: canary.slice(0, 100), content: "overwritten" }]),
    "symlink.tar": tar(through(canary.slice(0, canary.lastIndexOf("/")))),
    "hardlink.tar": tar([{ name: "data.csv", type: "1", link: canary.slice(0, 100) }]),
    "device.tar": tar([{ name: "data.csv", type: "3" }]),
    "negative.tar": tar([{ name: "data.csv", size: "\u00ff".repeat(12) }]),
    "climbing.tar.gz": gzipSync(tar([{ name: climb.slice(0, 100), content: "overwritten" }])),
    "bomb.csv.gz": gzipSync(Buffer.alloc(64 * 1024 * 1024)),
    "bomb.parquet": Buffer.concat([
      Buffer.from("PAR1"),
      Buffer.alloc(64, 0xff),
      Buffer.from("PAR1"),
    ]),
  };
}
