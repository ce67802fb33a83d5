import { type AgentError, PermissionError, TemporaryError } from "./errors.ts";

/** What a machine is short of for a while, by the name of the kernel's error. */
const SHORT = new Set([
  "ENOSPC",
  "EDQUOT",
  "EIO",
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "EAGAIN",
  "EBUSY",
  "ETIMEDOUT",
  "ESTALE",
]);
const REFUSED = new Set(["EACCES", "EPERM", "EROFS"]);

/** An error of the operating system that no adapter has translated, as one of ours; undefined for anything else. */
export function machineError(error: unknown): AgentError | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  const code = String(error.code);
  const why = error.message;
  if (SHORT.has(code)) {
    const fix = "free space, memory or file descriptors on this machine, then try again";
    return new TemporaryError("the machine is short of something", { code: "machine.short", why, fix, cause: error });
  }
  if (!REFUSED.has(code)) return undefined;
  const fix = "run as root on a writable file system";
  return new PermissionError("the machine does not allow it", { code: "machine.denied", why, fix, cause: error });
}
