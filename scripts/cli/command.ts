import type {
  CommandSpec,
  OptionSpecs,
  ParsedCommandLine,
  ProgramSpec,
} from "../../node-agent/src/base/cli/command-spec.ts";
import { AGENT_VERSION } from "../../node-agent/src/base/version.ts";

/** One row of the operator's table. `run` loads what it needs: only the chosen command's code is read. */
export interface OperatorCommand extends CommandSpec {
  readonly run: (line: ParsedCommandLine) => Promise<number>;
}

export const OPERATOR: ProgramSpec = {
  name: "./greenleaf",
  summary: "from a bare machine to a running shop, without Kubernetes",
  version: AGENT_VERSION,
  options: { help: { type: "boolean", summary: "show this help" } },
  exitCodes: [
    "0 done · 1 a test or a part failed · 2 degraded · 64 usage · 69 unhealthy · 70 bug",
    "75 temporary, retry · 77 not permitted · 78 configuration",
  ],
};

/** The options that choose a local world, of every command that speaks of one. */
export const WORLD_OPTIONS: OptionSpecs = {
  port: { type: "string", value: "N", summary: "port of the shop; its other ports follow (default 8080)" },
  project: { type: "string", value: "NAME", summary: "name of the world, beside others (default greenleaf)" },
};

/** Of every command that builds a shop's images. */
export const STOREFRONT: OptionSpecs[string] = {
  type: "string",
  value: "DIR",
  summary: "a Next.js application of your own in the storefront's place (docs/your-shop.md)",
};

/** What the AWS SDK reads, for every command that calls AWS. */
export const AWS_ENVIRONMENT: Readonly<Record<string, string>> = {
  AWS_REGION: "region of the fleet",
  "AWS_PROFILE, AWS_ACCESS_KEY_ID ...": "credentials, as every AWS tool takes them",
  AWS_ENDPOINT_URL: "another AWS API, such as a test's",
};

/** The text of a string option; undefined where it was not given. */
export function textOf({ options }: ParsedCommandLine, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

export const isSet = ({ options }: ParsedCommandLine, name: string): boolean => options[name] === true;
