import type { BatchGetSecretValueCommandOutput } from "@aws-sdk/client-secrets-manager";
import { ConfigurationError, PermissionError } from "../../base/errors.ts";
import { Secret } from "../../base/secret.ts";
import { done, type ProbeResult, pending } from "../../base/wait.ts";
import { type AwsAccess, attempt } from "./sdk/aws-call.ts";
import { clientSettings } from "./sdk/aws-client.ts";

/** Secrets Manager. One attempt each; full ids, as in `greenleaf/prod/db`. */
export interface Secrets {
  /** Texts by id, at most 20; an id that does not exist is absent. */
  get(ids: readonly string[], timeoutMs: number): Promise<ProbeResult<ReadonlyMap<string, Secret>>>;
}

const ACTION = "secretsmanager:BatchGetSecretValue";
const ITEM_ACTION = "secretsmanager:GetSecretValue";

export function openSecrets(access: AwsAccess, versions = new Map<string, string>()): Secrets {
  const { credentials } = access;
  let opened: ReturnType<typeof load> | undefined;
  return {
    get: async (ids, timeoutMs) => {
      const manager = await (opened ??= load(access));
      const call = { action: ACTION, credentials, timeoutMs };
      const pages = await attempt(call, (signal) => readPages((token) => manager.getBatch(ids, token, signal)));
      if (pages.done) noteVersions(pages.value, { ids, versions });
      return pages.done ? complete(ids, pages.value) : pages;
    },
  };
}

async function load(access: AwsAccess) {
  const { openSecretsManager } = await import("./sdk/secrets-sdk.ts");
  return openSecretsManager(clientSettings(access));
}

type Page = Pick<BatchGetSecretValueCommandOutput, "SecretValues" | "Errors" | "NextToken">;

/** All pages of one batch; `looping` when a page named a token that was followed already. */
interface Pages {
  readonly pages: readonly Page[];
  readonly looping: boolean;
}

// A page may hold nothing and still name a next one.
async function readPages(next: (token: string | undefined) => Promise<Page>): Promise<Pages> {
  const pages: Page[] = [];
  const followed = new Set<string>();
  for (let token: string | undefined; ; ) {
    const page = await next(token);
    pages.push(page);
    token = page.NextToken;
    if (token === undefined) return { pages, looping: false };
    if (followed.has(token)) return { pages, looping: true };
    followed.add(token);
  }
}

function noteVersions(
  { pages }: Pages,
  { ids, versions }: { ids: readonly string[]; versions: Map<string, string> },
): void {
  for (const { Name, ARN, VersionId = "" } of pages.flatMap(({ SecretValues = [] }) => SecretValues)) {
    for (const id of ids) if (id === Name || id === ARN) versions.set(id, VersionId);
  }
}

function complete(ids: readonly string[], { pages, looping }: Pages): ProbeResult<ReadonlyMap<string, Secret>> {
  const { found, failures } = sorted(ids, pages);
  const answer = judge(failures);
  if (answer) return answer;
  const forgotten = ids.filter((id) => !found.has(id) && !failures.has(id));
  if (forgotten.length === 0) return done(found);
  return pending(`${ACTION}: ${looping ? "the pages repeat themselves" : "an answer"} without ${forgotten.join(", ")}`);
}

function sorted(ids: readonly string[], pages: readonly Page[]) {
  const values = pages.flatMap(({ SecretValues = [] }) => SecretValues);
  const errors = pages.flatMap(({ Errors = [] }) => Errors);
  const failures = new Map(errors.map(({ SecretId = "?", ErrorCode = "?" }) => [SecretId, ErrorCode]));
  const found = new Map<string, Secret>();
  for (const { Name, ARN, SecretString, SecretBinary } of values) {
    const id = ids.find((wanted) => wanted === Name || wanted === ARN);
    if (id === undefined) continue;
    if (SecretString !== undefined) found.set(id, new Secret(SecretString));
    else if (SecretBinary !== undefined) failures.set(id, "SecretBinary");
  }
  return { found, failures };
}

const MISSING = "ResourceNotFoundException";
const DENIED = new Set(["AccessDeniedException", "AccessDenied", "DecryptionFailure", "DecryptionFailureException"]);
const REFUSED = new Set(["InvalidRequestException", "InvalidParameterException", "SecretBinary"]);

// Errors of single secrets come inside an answer with status 200.
function judge(failures: ReadonlyMap<string, string>): ProbeResult<never> | undefined {
  const of = (test: (code: string) => boolean) =>
    [...failures].filter(([, code]) => test(code)).map(([id, code]) => `${id}: ${code}`);
  const denied = of((code) => DENIED.has(code));
  if (denied.length > 0) throw deniedItems(denied);
  const refused = of((code) => REFUSED.has(code));
  if (refused.length > 0) throw refusedItems(refused);
  const temporary = of((code) => code !== MISSING);
  return temporary.length > 0 ? pending(`${ITEM_ACTION}: ${temporary.join(", ")}`) : undefined;
}

function deniedItems(problems: readonly string[]): PermissionError {
  return new PermissionError(`${ITEM_ACTION} was denied`, {
    code: "aws.denied",
    why: "the role may not read or decrypt:",
    fix: `allow ${ITEM_ACTION} on them (and kms:Decrypt of their key) in the instance's role`,
    problems,
  });
}

function refusedItems(problems: readonly string[]): ConfigurationError {
  return new ConfigurationError(`${ITEM_ACTION} was refused`, {
    code: "aws.refused",
    why: "these secrets have no readable text (binary, or scheduled for deletion):",
    fix: "restore them or store their values as text",
    problems,
  });
}
