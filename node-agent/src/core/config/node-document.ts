import * as z from "zod";
import "./read-once.ts";
import { REGION } from "../../base/aws-domain.ts";
import { ConfigurationError } from "../../base/errors.ts";
import { unasked } from "../../base/text.ts";
import { routerDocument } from "../router/document.ts";
import { PROJECT_NAME, PROJECT_NAME_RULE } from "./project-name.ts";

/** It travels inside user_data, which EC2 ends at 16 KB. */
const MAX_BYTES = 4096;

const name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "use 1 to 32 of a-z, 0-9 and -, beginning with a letter");
// Parameter Store takes a part of dots alone as a name like others, and the ones who read it as "one up" are people.
const path = z
  .string()
  .regex(/^(\/(?!\.+(\/|$))[A-Za-z0-9_.-]+)+$/, "use an absolute path such as /greenleaf/prod, no part of dots alone");
const url = z.url({ protocol: /^https?$/ });

const schema = z.strictObject({
  version: z.literal(1),
  project: z.string().regex(PROJECT_NAME, `use ${PROJECT_NAME_RULE}`),
  environment: name,
  role: z.enum(["app", "router"]),
  parameters: path,
  release: z.string().regex(/^(ssm:|file:\/\/)\/.+/, "use ssm:/path/of/parameter or file:///path"),
  region: z.string().regex(REGION, "use a region such as eu-west-3").optional(),
  endpoints: z
    .strictObject({
      /** One address for SSM, Secrets Manager, EC2, Auto Scaling and S3; a real node has none. */
      aws: url.optional(),
      /** `none` on a machine that is no EC2 instance. */
      imds: z.union([z.literal("none"), url]).optional(),
      /** host:port where the agent itself reaches PostgreSQL, when that differs from where containers do. */
      database: z
        .string()
        .regex(/^[^:/\s]+:\d+$/, "use host:port")
        .refine((text) => isPort(text.slice(text.indexOf(":") + 1)), "use a port from 1 to 65535")
        .optional(),
    })
    .optional(),
  /** Only for role router: its zones, interface and lease. */
  router: routerDocument.optional(),
  /** How often the daemon asks whether parameters or secrets changed; 300 when absent. */
  rotation: z.strictObject({ everySeconds: z.int().min(10).max(86_400) }).optional(),
  /** Further variables for the stack's interpolation. */
  variables: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()).optional(),
});

const isPort = (text: string): boolean => Number(text) >= 1 && Number(text) <= 65_535;

/** What a machine is told about itself. Holds no secret. */
export type NodeDocument = z.infer<typeof schema>;
export type Role = NodeDocument["role"];

/** Reads a node document; every problem at once, each with its path. */
export function parseNodeDocument(text: string, source: string): NodeDocument {
  const size = new TextEncoder().encode(text).length;
  if (size > MAX_BYTES) throw invalid(source, [`the document has ${size} bytes; at most ${MAX_BYTES} are allowed`]);
  const parsed = schema.safeParse(parseJson(text, source));
  if (parsed.success) return parsed.data;
  throw invalid(source, parsed.error.issues.map(problemText));
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const found = unasked(text);
    const why = cause instanceof Error ? cause.message : String(cause);
    const told = found?.name === undefined ? why : `${found.line}:${found.column}: there is ${found.name}`;
    throw invalid(source, [`not JSON: ${told}`]);
  }
}

function problemText(issue: z.core.$ZodIssue): string {
  const at = issue.path.length === 0 ? "document" : issue.path.join(".");
  return `${at}: ${issue.message}`;
}

function invalid(source: string, problems: readonly string[]): ConfigurationError {
  return new ConfigurationError(`identify: ${source} is not a valid node document`, {
    code: "node.document",
    why: `${problems.length} ${problems.length === 1 ? "problem" : "problems"}:`,
    fix: "correct them there (node-agent/README.md shows the shape), then boot again",
    problems,
  });
}
