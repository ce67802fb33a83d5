import { expect, test } from "vitest";
import { demultiplexer, lineSplitter } from "./stream.ts";

function frame(stream: number, text: string): Buffer {
  const head = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

test("both streams and their lines come out whole, wherever the bytes were cut", () => {
  const bytes = Buffer.concat([frame(1, '{"a":'), frame(2, "one\ntw"), frame(1, "1}\n"), frame(2, "ö\r\nlast")]);
  for (let size = 1; size <= bytes.length; size += 1) {
    const lines: string[] = [];
    let out = "";
    const err = lineSplitter((line) => lines.push(line));
    const take = demultiplexer((stream, part) => (stream === "stdout" ? (out += part.toString()) : err.write(part)));
    for (let at = 0; at < bytes.length; at += size) take(bytes.subarray(at, at + size));
    err.end();
    expect({ out, lines }).toEqual({ out: '{"a":1}\n', lines: ["one", "twö", "last"] });
  }
});
