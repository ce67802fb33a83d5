import type { Interceptor } from "./calls.ts";

export interface Death {
  /** Calls that change the machine, by their names. */
  readonly changes: RegExp;
  /** Which of them is the last, counted from 0. */
  readonly edge: number;
  /** Whether it dies before that change or after it. */
  readonly moment: "before" | "after";
}

/** Does work in a process that is gone at one of its changes; says which, or nothing where the work ended before it came so far. */
export async function killed(
  work: (intercept: Interceptor) => Promise<unknown>,
  { changes, edge, moment }: Death,
): Promise<string | undefined> {
  const { promise: death, resolve: die } = Promise.withResolvers<string>();
  const never = new Promise(() => undefined);
  let seen = 0;
  let isDead = false;
  const worked = work((call, answer) => {
    if (isDead) return never;
    if (!changes.test(call.name) || seen++ !== edge) return answer();
    isDead = true;
    if (moment === "after") void answer();
    die(call.name);
    return never;
  });
  // A boot in which nothing answers any more ends by itself, or waits for ever: it is not waited for.
  const over = worked.then(
    () => undefined,
    (error: unknown) => (isDead ? death : Promise.reject(error)),
  );
  return Promise.race([over, death]);
}
