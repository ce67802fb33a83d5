import { once } from "node:events";
import type Docker from "dockerode";

const DEFAULT_SHELL = ["/bin/sh", "-c"];

/** What the engine itself runs to learn a container's health; undefined when it has no check. */
export function healthCommand(config: Docker.ContainerInspectInfo["Config"]): readonly string[] | undefined {
  const [kind, ...words] = config.Healthcheck?.Test ?? [];
  if (kind === "CMD") return words;
  if (kind !== "CMD-SHELL") return undefined;
  const shell = (config as { Shell?: string[] }).Shell ?? [];
  return [...(shell.length > 0 ? shell : DEFAULT_SHELL), ...words];
}

/** Runs a command inside a container. Whatever keeps it from an exit code (the container ended, ...) is undefined. */
export async function execOnce(
  container: Docker.Container,
  command: readonly string[],
  withinMs: number,
): Promise<number | undefined> {
  const abortSignal = AbortSignal.timeout(withinMs);
  try {
    const exec = await container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, abortSignal });
    const stream = await exec.start({ hijack: false, stdin: false, abortSignal });
    stream.resume();
    await once(stream, "end", { signal: abortSignal });
    const { ExitCode } = await exec.inspect({ abortSignal });
    return ExitCode ?? undefined;
  } catch {
    // It is asked only to know something early; the engine's own check goes on, and tells what is wrong.
    return undefined;
  }
}
