/** One thing an apply needs: whether the account or the zone has it, and what to do where it has not. */
export interface Finding {
  readonly subject: string;
  /** `fails` would stop the apply or the fleet, `warns` would not, `unseen` could not be looked at. */
  readonly verdict: "ok" | "fails" | "warns" | "unseen";
  readonly why: string;
  readonly fix?: string;
}

export const ok = (subject: string, why: string): Finding => ({ subject, verdict: "ok", why });

export const fails = (subject: string, why: string, fix: string): Finding => ({ subject, verdict: "fails", why, fix });

export const warns = (subject: string, why: string, fix: string): Finding => ({ subject, verdict: "warns", why, fix });
