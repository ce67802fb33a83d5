import { paginateGetParametersByPath, type SSMClient } from "@aws-sdk/client-ssm";
import { type AwsAccount, AwsRefusal, restJson } from "../fleet/aws.ts";
import { type Finding, ok, warns } from "./finding.ts";

/** Amazon's mail service (SES) as an environment's parameters name it. */
export interface MailNeed {
  readonly region: string;
  /** The sender's address. */
  readonly from: string;
}

export interface MailFact extends MailNeed {
  /** An account in the sandbox sends to verified addresses only. */
  readonly isInSandbox: boolean;
  /** AWS pauses accounts whose mail is complained of. */
  readonly maySend: boolean;
  /** The sender's identity that is verified: its address or a domain above it. */
  readonly verified: string | undefined;
}

const HOST = /^email-smtp(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com$/;
const ADDRESS = /^(?:[^<]*<)?([^\s@<>]+@[a-z0-9.-]+)>?$/i;

/** Out of parameters by name: a host of SES, and the sender beside it. Other mail servers are none of AWS's. */
export function mailNeed(parameters: Iterable<readonly [name: string, value: string]>): MailNeed | undefined {
  const all = [...parameters];
  const [host, region] = all.flatMap(([name, value]) => {
    const found = HOST.exec(value)?.[1];
    return found === undefined ? [] : [name, found];
  });
  if (host === undefined || region === undefined) return undefined;
  const folder = host.slice(0, host.lastIndexOf("/") + 1);
  const sender = all.find(
    ([name, value]) => name.startsWith(folder) && /from|sender/.test(name) && ADDRESS.test(value),
  );
  return { region, from: ADDRESS.exec(sender?.[1] ?? "")?.[1] ?? "" };
}

/** What an operator wrote himself is in no plan. Secret values are neither decrypted nor read. */
export async function configuredMail(client: SSMClient, environment: string): Promise<MailNeed | undefined> {
  const found: [string, string][] = [];
  const asked = { Path: `/greenleaf/${environment}`, Recursive: true, WithDecryption: false };
  for await (const { Parameters = [] } of paginateGetParametersByPath({ client }, asked)) {
    for (const { Name = "", Value = "", Type } of Parameters) if (Type !== "SecureString") found.push([Name, Value]);
  }
  return mailNeed(found);
}

export async function mailFact(home: AwsAccount, need: MailNeed | undefined): Promise<MailFact | undefined> {
  if (need === undefined) return undefined;
  const account = { ...home, region: need.region };
  const { ProductionAccessEnabled, SendingEnabled } = await restJson(account, "ses", "/v2/email/account");
  return {
    ...need,
    isInSandbox: ProductionAccessEnabled !== true,
    maySend: SendingEnabled === true,
    verified: await verifiedIdentity(account, identitiesOf(need.from)),
  };
}

/** An address is verified by itself, by its domain, or by any domain above that. */
export function identitiesOf(address: string): readonly string[] {
  const domain = address.split("@")[1];
  if (domain === undefined) return [];
  const labels = domain.split(".");
  return [address, ...labels.slice(0, -1).map((_, at) => labels.slice(at).join("."))];
}

async function verifiedIdentity(account: AwsAccount, identities: readonly string[]): Promise<string | undefined> {
  for (const identity of identities) {
    if (await isVerified(account, identity)) return identity;
  }
  return undefined;
}

async function isVerified(account: AwsAccount, identity: string): Promise<boolean> {
  try {
    const path = `/v2/email/identities/${encodeURIComponent(identity)}`;
    return (await restJson(account, "ses", path)).VerifiedForSendingStatus === true;
  } catch (error) {
    if (error instanceof AwsRefusal && ["NotFoundException", "HTTP 404"].includes(error.code)) return false;
    throw error;
  }
}

/** Nothing of it stops an apply, and every one of it stops the mail to customers. */
export function mailFindings(fact: MailFact | undefined): readonly Finding[] {
  if (fact === undefined) return [];
  const { region, from, isInSandbox, maySend, verified } = fact;
  const found: Finding[] = [];
  if (!maySend) {
    const why = `AWS has paused sending from this account in ${region}`;
    found.push(warns("mail account", why, "answer AWS's case about it (SES console, Account dashboard)"));
  } else if (isInSandbox) {
    const why = `SES in ${region} is in its sandbox: mail reaches verified addresses only, 200 a day`;
    found.push(warns("mail account", why, "ask for production access (SES console, Account dashboard; a day)"));
  } else found.push(ok("mail account", `SES in ${region} sends to everybody`));
  return [...found, senderFinding(from, verified)];
}

function senderFinding(from: string, verified: string | undefined): Finding {
  if (verified !== undefined) return ok("mail sender", `${from}, by ${verified}`);
  if (from === "") {
    return warns("mail sender", "no parameter beside SES's host names the sender", "write the sender's address");
  }
  const why = `${from} is no verified identity, nor is its domain: SES refuses every mail from it`;
  return warns("mail sender", why, "verify the domain (SES console, Identities): three DKIM records in the zone");
}
