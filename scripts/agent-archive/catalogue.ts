import catalogue from "./catalogue.json" with { type: "json" };

/** As `uname -m` says it; user_data looks for the archive under this name. */
export type Architecture = "x86_64" | "aarch64";

interface Pin {
  readonly version: string;
  /** Name of the npm package, or path on a Debian mirror. */
  readonly package: string;
  readonly sha256: string;
}

/** Of Node the program's SHA-256, of Compose that of Debian's package. */
export function pin(part: "node" | "compose", architecture: Architecture): Pin {
  return { version: catalogue[part].version, ...catalogue[part][architecture] };
}

export const CATALOGUE_TEXT = `${JSON.stringify(catalogue, null, 2)}\n`;

/** This machine's. */
export const ownArchitecture = (): Architecture => (process.arch === "arm64" ? "aarch64" : "x86_64");

/** As Node and npm name it. */
export const npmArchitecture = (architecture: Architecture): string => (architecture === "aarch64" ? "arm64" : "x64");
