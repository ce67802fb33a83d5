/** Why an archive is refused. */
export class TarProblem {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

const BLOCK = 512;
const MAX_FILES = 2_000;
const text = new TextDecoder();

interface Header {
  readonly name: string;
  readonly size: number;
  /** `0` a file, `5` a folder, `x` and `g` pax headers, `L` a long name, others are refused. */
  readonly type: string;
}

/**
 * The plain files of a tar archive by path, in the form GNU tar, bsdtar and pax write. Anything but files and folders,
 * and any path that could leave the folder it is unpacked into, refuses the whole archive.
 */
export function readTar(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> | TarProblem {
  const files = new Map<string, Uint8Array>();
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const block = bytes.subarray(at, at + BLOCK);
    if (block.every((byte) => byte === 0)) return files;
    const header = readHeader(block);
    if (header instanceof TarProblem) return header;
    const content = bytes.subarray(at + BLOCK, at + BLOCK + header.size);
    if (content.length < header.size) return new TarProblem("it ends in the middle of a file");
    at += BLOCK + Math.ceil(header.size / BLOCK) * BLOCK;
    if (header.type === "x" || header.type === "L") {
      longName = header.type === "L" ? cString(content) : (paxPath(text.decode(content)) ?? longName);
      continue;
    }
    const problem = take(files, { ...header, name: longName ?? header.name }, content);
    if (problem) return problem;
    longName = undefined;
  }
  return files.size > 0 ? files : new TarProblem("it is not a tar archive");
}

function readHeader(block: Uint8Array): Header | TarProblem {
  const size = octal(block.subarray(124, 136));
  const sum = octal(block.subarray(148, 156));
  // The checksum counts its own field as spaces.
  const counted = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  if (size === undefined || sum !== counted) return new TarProblem("it is damaged or not a tar archive");
  const isUstar = text.decode(block.subarray(257, 262)) === "ustar";
  const prefix = isUstar ? cString(block.subarray(345, 500)) : "";
  const name = cString(block.subarray(0, 100));
  const type = String.fromCharCode(block[156] ?? 0);
  return { name: prefix === "" ? name : `${prefix}/${name}`, size, type: type === "\0" ? "0" : type };
}

function take(files: Map<string, Uint8Array>, header: Header, content: Uint8Array): TarProblem | undefined {
  const { name, type } = header;
  if (type === "g") return undefined;
  if (type !== "0" && type !== "5") return new TarProblem(`${JSON.stringify(name)} is neither a file nor a folder`);
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (name.startsWith("/") || parts.includes("..") || /[\0\n\\]/.test(name)) {
    return new TarProblem(`${JSON.stringify(name)} is not a path below the archive`);
  }
  if (type === "5") return undefined;
  const path = parts.join("/");
  if (path === "" || files.has(path)) return new TarProblem(`${JSON.stringify(name)} is there twice`);
  if (files.size >= MAX_FILES) return new TarProblem(`it has over ${MAX_FILES} files`);
  files.set(path, content);
  return undefined;
}

function octal(field: Uint8Array): number | undefined {
  const digits = text.decode(field).replaceAll(/[\0 ]/g, "");
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

function cString(field: Uint8Array): string {
  const end = field.indexOf(0);
  return text.decode(end === -1 ? field : field.subarray(0, end));
}

/** Records are `<length> <key>=<value>\n`. */
function paxPath(records: string): string | undefined {
  return /^\d+ path=(.*)$/m.exec(records)?.[1];
}
