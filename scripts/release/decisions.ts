import { elementText } from "../../node-agent/src/core/aws/answer.ts";

/** What an environment is told to run, and what it was told before. */
export interface Channel {
  readonly current: string | undefined;
  readonly previous: string | undefined;
}

/** An environment that is to run a release: what it ran stays the one before, unless it runs that release already. */
export const deployed = ({ current, previous }: Channel, document: string): Channel => ({
  current: document,
  previous: document === current ? previous : current,
});

/** Back to the release before; a second time goes forward again. Undefined where nothing ran before. */
export const rolledBack = ({ current, previous }: Channel): Channel | undefined =>
  previous === undefined ? undefined : { current: previous, previous: current };

export interface FleetMove {
  /** What the nodes must run afterwards. */
  readonly document: string;
  /** What the parameters must say before a node is moved. */
  readonly write: Channel | undefined;
  /** What they must say again when a node fails. */
  readonly putBack: Channel | undefined;
}

/** How an environment comes to a release; without one of its own the nodes move to what it has. Undefined for none. */
export function fleetMove(before: Channel, wanted: Channel | undefined): FleetMove | undefined {
  const document = wanted?.current ?? before.current;
  if (document === undefined) return undefined;
  const isNew = wanted !== undefined && wanted.current !== before.current;
  return { document, write: isNew ? wanted : undefined, putBack: isNew ? before : undefined };
}

/** How a command on a node ended. */
export interface CommandAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `greenleaf-agent status --json` prints, as far as it is read: `boot` is the status file. */
interface Told {
  readonly boot?: {
    readonly verdict: string;
    readonly release?: string;
    readonly reason?: { readonly what: string; readonly why: string };
  };
}

/** Why a node that booted does not run a release; undefined when it does. */
export function bootProblem({ code, stdout, stderr }: CommandAnswer, release: string): string | undefined {
  const { verdict = "unknown", release: running, reason } = told(stdout).boot ?? {};
  if (code === 0 && verdict === "ready" && running === release) return undefined;
  if (reason !== undefined) return `${reason.what}: ${reason.why}`;
  return `verdict ${verdict}, release ${running ?? "none"} (${stderr.trim().split("\n").at(-1) ?? ""})`;
}

function told(stdout: string): Told {
  try {
    return JSON.parse(stdout) as Told;
  } catch {
    return {};
  }
}

/** Whether the balancer sends to a node, or has nothing to do with it. */
export const isInBalance = (target: string): boolean => ["healthy", "-", "unused"].includes(target);

/** How far a command or a refresh is. */
export type Progress<T> =
  | { readonly is: "under way"; readonly told: string }
  | { readonly is: "over"; readonly value: T }
  | { readonly is: "failed"; readonly why: string };

const COMMAND_UNDER_WAY = new Set(["Pending", "InProgress", "Delayed", "Cancelling"]);

/** Run Command's words for one command on one node. */
export interface Invocation {
  readonly Status?: string;
  readonly StandardOutputContent?: string;
  readonly StandardErrorContent?: string;
  readonly ResponseCode?: number;
}

export function commandProgress(invocation: Invocation): Progress<CommandAnswer> {
  const {
    Status = "unknown",
    StandardOutputContent = "",
    StandardErrorContent = Status,
    ResponseCode = -1,
  } = invocation;
  if (COMMAND_UNDER_WAY.has(Status)) return { is: "under way", told: `it is ${Status}` };
  // A command that was lost on the way has no code, or says 0.
  const code = Status === "Success" ? 0 : ResponseCode || -1;
  return { is: "over", value: { code, stdout: StandardOutputContent, stderr: StandardErrorContent } };
}

const REFRESH_UNDER_WAY = new Set(["Pending", "InProgress", "Baking", "unknown"]);

/** How far an instance refresh is, out of Auto Scaling's list of the group's. */
export function refreshProgress(xml: string, id: string): Progress<string> {
  const own = xml.split("<member>").find((part) => elementText(part, "InstanceRefreshId") === id) ?? "";
  const status = elementText(own, "Status") ?? "unknown";
  const words = `${status}, ${elementText(own, "PercentageComplete") ?? "0"} %`;
  if (status === "Successful") return { is: "over", value: words };
  if (REFRESH_UNDER_WAY.has(status)) return { is: "under way", told: words };
  return {
    is: "failed",
    why: `the refresh is ${status}: ${elementText(own, "StatusReason") ?? "no reason given"}`,
  };
}

/** AWS's clock and this machine's may differ by so much. */
const CLOCKS_MS = 1_000;

/** The first node that was given up since the refresh began, out of the group's activities. */
export function lostLaunch(xml: string, since: Date): string | undefined {
  const lost = xml.split("<member>").find((part) => {
    const isLaunch = (elementText(part, "Description") ?? "").startsWith("Launching");
    const isLost = ["Failed", "Cancelled"].includes(elementText(part, "StatusCode") ?? "");
    return isLaunch && isLost && Date.parse(elementText(part, "StartTime") ?? "") >= since.getTime() - CLOCKS_MS;
  });
  return lost && `${elementText(lost, "Description")}: ${elementText(lost, "StatusMessage") ?? "no reason given"}`;
}
