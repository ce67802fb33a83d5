import * as z from "zod";
import "../config/read-once.ts";
import { ConfigurationError } from "../../base/errors.ts";

export { canonicalJson } from "./canonical-json.ts";

/** The limit of an SSM parameter. */
const MAX_BYTES = 4096;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "use 64 hexadecimal digits");
const image = z
  .string()
  .regex(/^(sha256:[0-9a-f]{64}|[a-z0-9][a-z0-9._/:-]*@sha256:[0-9a-f]{64})$/, "use repo@sha256:… or sha256:…");

const schema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "use 1 to 64 of A-Z, a-z, 0-9, ., _ and -"),
  created: z.iso.datetime({ offset: true }),
  images: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), image),
  stack: z.strictObject({
    uri: z.string().regex(/^(s3|file):\/\/.+\.tar\.gz$/, "use s3://….tar.gz or file:///….tar.gz"),
    sha256,
  }),
  /** By image: SHA-256 of its list of parts (SBOM), which lies beside the stack archive. */
  sboms: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), sha256).optional(),
  /** Which environments may run it; a document without is of a publisher before 0.2. */
  environments: z.array(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/)).optional(),
  /** When an environment was pointed at it; what was issued later wins. */
  issued: z.iso.datetime({ offset: true }).optional(),
  migrations: z.string().regex(/^[A-Za-z0-9:._-]{1,128}$/, "use 1 to 128 of A-Z, a-z, 0-9, :, ., _ and -"),
  signature: z.string().regex(/^[A-Za-z0-9+/]{85}[AQgw]==$/, "use the base64 of an Ed25519 signature"),
});

/** What a node of role `app` runs: images, the stack archive and the migrations that belong together. */
export type Release = z.infer<typeof schema>;
export type UnsignedRelease = Omit<Release, "signature">;

/** Reads a release document; every problem at once, each with its path. The signature is not checked here. */
export function parseRelease(text: string, source: string): Release {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MAX_BYTES) throw invalid(source, [`the document has ${bytes} bytes; at most ${MAX_BYTES} are allowed`]);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(source, [`not JSON: ${cause instanceof Error ? cause.message : String(cause)}`]);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(
    source,
    parsed.error.issues.map(({ path, message }) => `${path.length === 0 ? "document" : path.join(".")}: ${message}`),
  );
}

/** What the agent gives the Compose file for interpolation. */
export function releaseVariables({ images }: Release): Record<string, string> {
  return Object.fromEntries(
    Object.entries(images).map(([name, reference]) => [`GREENLEAF_IMAGE_${name.toUpperCase()}`, reference]),
  );
}

function invalid(source: string, problems: readonly string[]): ConfigurationError {
  return new ConfigurationError(`release: ${source} is not a valid release document`, {
    code: "release.document",
    why: `${problems.length} ${problems.length === 1 ? "problem" : "problems"}:`,
    fix: "publish a release again, then boot again",
    problems,
  });
}
