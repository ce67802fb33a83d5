/** Targets that must answer: more than half, so that one dead target decides nothing. */
export const quorumOf = (targets: number): number => Math.floor(targets / 2) + 1;

export interface Answered {
  readonly target: string;
  readonly error?: string;
}

export type Proof = { readonly isProven: true } | { readonly isProven: false; readonly why: string };

/** Whether enough targets answered to call the path good. */
export function proofOf(answers: readonly Answered[]): Proof {
  const failed = answers.filter(({ error }) => error !== undefined);
  if (answers.length - failed.length >= quorumOf(answers.length)) return { isProven: true };
  return { isProven: false, why: failed.map(({ target, error }) => `${target}: ${error}`).join(", ") };
}
