const LONGEST = 80;

/**
 * What a person called the file, in their own script: letters, digits and dashes, and nothing that means something in a
 * URL, a log or a file system. What the file is says `extension`.
 */
export function cleanName(given: string, extension: string): string {
  const last = asUtf8(given).split(/[/\\]/).at(-1) ?? "";
  const stem = last
    .replace(/\.[^.]*$/, "")
    // One form of each letter: é is one character, whatever system the name comes from.
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N}_-]+/gu, "-")
    .replace(/^[-\p{M}]+|-+$/gu, "");
  return `${Array.from(stem).slice(0, LONGEST).join("") || "file"}${extension}`;
}

/** Browsers send names in UTF-8, and the parser of forms reads them as Latin-1: `odd nÃ©` was `odd né`. */
function asUtf8(name: string): string {
  if (!/^[\0-\xff]*$/.test(name)) return name;
  const read = Buffer.from(name, "latin1").toString("utf8");
  return read.includes("\ufffd") ? name : read;
}
