import {
  defineMiddlewares,
  type MedusaNextFunction as Next,
  type MedusaRequest as Request,
  type MedusaResponse as Response,
  errorHandler as standardHandler,
} from "@medusajs/framework/http";
import { clientAddress } from "../http/client-address.ts";
import { refuse, refuseAttempt } from "../http/refuse.ts";
import { answeringUnfit, holdsZero } from "../http/unfit.ts";
import { authStep } from "../login/attempt-of.ts";
import { doors } from "../login/doors.ts";
import { bearerClaims, type Claims } from "../login/logouts.ts";
import { passwordProblem } from "../login/password.ts";
import { completeInTurn } from "../orders/complete-step.ts";
import { oneAtATime } from "../orders/one-at-a-time.ts";

type Session = { auth_context?: Claims & { actor_type?: unknown } };

const sessionOf = ({ session }: Request): Session => (session ?? {}) as Session;

/** Counts what is tried below /auth before it is judged, and says afterwards whether it was wrong. */
async function limitAttempts(request: Request, response: Response, next: Next): Promise<void> {
  const { kind, actor, account } = authStep(request);
  const limit = doors()?.limit;
  if (kind === "none" || kind === "logout" || limit === undefined) return next();
  const { password } = (request.body ?? {}) as { password?: unknown };
  const setsPassword = /\/(register|update)\/*$/i.test(request.path);
  const problem = setsPassword ? passwordProblem(actor, password) : undefined;
  if (problem !== undefined) return refuse(response, 400, problem);
  const address = clientAddress(request.headers, request.socket.remoteAddress);
  const begun = await limit.begin({ kind, address, account });
  if (begun.isRefused) return refuseAttempt(response, begun.retryAfterMs);
  response.once("close", () => {
    const isAnswered = response.writableFinished;
    // Every reset counts: its answer is the same for everybody.
    const isWrong = kind === "reset" || !isAnswered || (response.statusCode >= 400 && response.statusCode < 500);
    void begun.settle(isWrong);
  });
  next();
}

/** Ends all that stands for somebody who logs out; Medusa removes the session that asked for it. */
async function endAtLogout(request: Request, response: Response, next: Next): Promise<void> {
  const { auth_identity_id: id } = sessionOf(request).auth_context ?? {};
  const logouts = doors()?.logouts;
  if (authStep(request).kind !== "logout" || typeof id !== "string" || logouts === undefined) return next();
  try {
    await logouts.end(id);
  } catch {
    return refuse(response, 503, "The logout could not be kept. Try again.", 5_000);
  }
  next();
}

/** An administrator who is removed is out at once. Medusa has judged by now who may remove whom. */
async function endRemoved(request: Request, response: Response, next: Next): Promise<void> {
  const [, id] = /^\/users\/([^/]+)\/*$/i.exec(request.path) ?? [];
  const logouts = doors()?.logouts;
  if (request.method !== "DELETE" || id === undefined || logouts === undefined) return next();
  try {
    await logouts.end(id);
  } catch {
    return refuse(response, 503, "The removal could not be kept. Try again.", 5_000);
  }
  next();
}

/** Refuses tokens and sessions that were made before their owner logged out. */
async function refuseEnded(request: Request, response: Response, next: Next): Promise<void> {
  const logouts = doors()?.logouts;
  if (logouts === undefined || (request.baseUrl.toLowerCase() === "/auth" && authStep(request).kind === "logout"))
    return next();
  const given = [
    sessionOf(request).auth_context,
    bearerClaims(request.headers.authorization),
  ] as Session["auth_context"][];
  for (const claims of given.filter((each) => each !== undefined)) {
    const isEnded = await logouts.isEnded(claims);
    if (isEnded === true) {
      delete sessionOf(request).auth_context;
      return refuse(response, 401, "Unauthorized");
    }
    // Customers go on buying without an answer; what administers the shop does not.
    if (isEnded === "unknown" && claims.actor_type !== "customer") {
      return refuse(response, 503, "It cannot be told whether this login was ended. Try again.", 5_000);
    }
  }
  next();
}

/** Before all others: what they look for is looked for in the database. */
function refuseZero({ query, body }: Request, response: Response, next: Next): void {
  if (holdsZero([query, body])) return refuse(response, 400, "A zero byte is part of no text.");
  next();
}

// oxlint-disable-next-line import/no-default-export -- Medusa loads the middlewares by their default export.
export default defineMiddlewares({
  errorHandler: answeringUnfit(standardHandler()),
  routes: [
    { matcher: "/auth", middlewares: [refuseZero, refuseEnded, limitAttempts, endAtLogout] },
    { matcher: "/admin", middlewares: [refuseZero, refuseEnded, endRemoved, oneAtATime] },
    { matcher: "/store", middlewares: [refuseZero, refuseEnded] },
    { matcher: "/store/carts/:id/complete", methods: ["POST"], middlewares: [completeInTurn] },
  ],
});
