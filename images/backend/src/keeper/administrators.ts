import { Failure } from "../failure.ts";

/** Somebody who may log in to the admin: the record of the password, and of whom it belongs to. */
export type Administrator = { id: string; email: string; identityId: string };

/** The one that is meant: by address, in any case of letters; without one the only one there is. */
export function chosen(all: readonly Administrator[], email: string | undefined): Administrator {
  const wanted = email?.toLowerCase();
  const found = all.filter((each) => wanted === undefined || each.email.toLowerCase() === wanted);
  const exact = found.find((each) => each.email === email);
  const [only] = found.length === 1 ? found : [];
  const one = exact ?? only;
  if (one !== undefined) return one;
  const names = all.map((each) => each.email).join(", ");
  throw new Failure(email === undefined ? "it is not clear whose password is meant" : `nobody logs in as ${email}`, {
    exitCode: 64,
    why: names === "" ? "the shop has no administrator with a password" : `the administrators are ${names}`,
    fix: "name one of them",
  });
}
