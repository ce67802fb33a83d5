import type { ImageState } from "./images.ts";
import type { MailFact } from "./mail.ts";
import type { BudgetState, CostTagState } from "./money/budget.ts";

/** What was asked of the account: its answer, or why there is none. One that is not seen never stands for a yes. */
export type Seen<Value> = { readonly value: Value } | { readonly unseen: string };

export interface Quota {
  /** Its code at Service Quotas. */
  readonly code: string;
  readonly limit: number;
  /** In use by others than the environment that is looked at. */
  readonly used: number;
}

export interface TypeFact {
  readonly type: string;
  readonly vcpus: number;
  /** Zones that offer it. */
  readonly zones: readonly string[];
}

/** A secret: there, not there, or on its way out, when its name cannot be given again. */
export type SecretState = "there" | "missing" | "deleted";

/** The account as it is now; read only. */
export interface AccountFacts {
  readonly identity: { readonly accountId: string; readonly arn: string };
  /** Milliseconds that this machine's clock is ahead of AWS's. */
  readonly clockAheadMs: Seen<number>;
  readonly plan: Seen<"FREE" | "PAID">;
  readonly onDemand: Seen<Quota>;
  readonly spot: Seen<Quota>;
  readonly addresses: Seen<Quota>;
  readonly networks: Seen<Quota>;
  readonly databases: Seen<Quota>;
  readonly types: Seen<readonly TypeFact[]>;
  /** Versions of an engine that there are, by `engine version` as the plan names it. */
  readonly engines: Seen<Readonly<Record<string, boolean>>>;
  /** What launch templates take their image from, and what is behind it. */
  readonly images: Seen<Readonly<Record<string, ImageState>>>;
  /** KMS's word for alias/greenleaf; undefined = there is no such key. */
  readonly keyState: Seen<string | undefined>;
  readonly linkedRoles: Seen<Readonly<Record<string, boolean>>>;
  readonly signingKey: Seen<boolean>;
  readonly secrets: Seen<Readonly<Record<string, SecretState>>>;
  /** By kind (state, artifacts): whose it is. */
  readonly buckets: Seen<Readonly<Record<string, "ours" | "missing" | "foreign">>>;
  readonly budget: Seen<BudgetState>;
  /** Undefined = nothing here sends mail through Amazon's service. */
  readonly mail: Seen<MailFact | undefined>;
  readonly costTag: Seen<CostTagState>;
  /** Actions an apply takes that these credentials may not, as IAM's own simulation says. */
  readonly denied: Seen<readonly string[]>;
}
