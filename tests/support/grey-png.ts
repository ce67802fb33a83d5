import { randomBytes } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";

/** A PNG of eight bits of grey; `data` are its rows, each with its filter byte in front. */
export function greyPng({ width, height, data }: { width: number; height: number; data: Buffer }): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(data, { level: 0 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** A picture of noise, some bytes larger than `bytes`. */
export function noisePng(bytes: number): Buffer {
  const height = Math.ceil(bytes / 1_001);
  const data = randomBytes(height * 1_001);
  for (let row = 0; row < height; row += 1) data[row * 1_001] = 0;
  return greyPng({ width: 1_000, height, data });
}

function chunk(kind: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(kind, "latin1"), body]);
  const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([size, named, sum]);
}
