import { isWhole, refusalIn } from "./answer.ts";
import { judgeFailure } from "./failure.ts";

/** What an answer of an AWS API means for the caller; `rejected` may be the answer to a question. */
export type Outcome =
  | { kind: "ok" }
  | { kind: "retry"; why: string; renewCredentials: boolean }
  | { kind: "denied"; code: string; message: string }
  | { kind: "rejected"; code: string; message: string };

export interface Answered {
  readonly status: number;
  readonly body: string;
  /** The next request is signed with another time. */
  readonly clockCorrected?: boolean;
}

export function outcomeOf({ status, body, clockCorrected = false }: Answered): Outcome {
  if (status >= 200 && status < 300) return { kind: "ok" };
  const { name, message = "no message" } = refusalIn(status, body);
  const verdict = judgeFailure({ name, status, clockCorrected });
  if (verdict.kind === "retry") return { ...verdict, why: `${verdict.why}: ${message}` };
  return { kind: verdict.kind === "denied" ? "denied" : "rejected", code: name, message };
}

/** Of a Query API, whose success is a document too. */
export function queryOutcome(answered: Answered): Outcome {
  const outcome = outcomeOf(answered);
  if (outcome.kind !== "ok" || isWhole(answered.body)) return outcome;
  return { kind: "retry", why: "the answer was cut short", renewCredentials: false };
}
