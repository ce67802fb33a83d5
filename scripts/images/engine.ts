import { $ } from "zx";
import { type AgentError, PermissionError } from "../../node-agent/src/base/errors.ts";
import { BuildError } from "./build-error.ts";

export interface Engine {
  /** As Docker says it: amd64, arm64. */
  readonly architecture: string;
}

/** The engine and its build plugin, or the error that says which of them is missing. */
export async function findEngine(): Promise<Engine> {
  const version = await $({ quiet: true, nothrow: true })`docker version --format ${"{{.Server.Arch}}"}`;
  if (version.exitCode !== 0) throw unreachable(version.stderr, version.exitCode);
  const buildx = await $({ quiet: true, nothrow: true })`docker buildx version`;
  if (buildx.exitCode !== 0) {
    throw new BuildError("the images cannot be built", {
      code: "build.tools-missing",
      why: "Docker's build plugin (buildx) is missing",
      fix: "run: sudo ./greenleaf up, which installs it, or apt-get install docker-buildx (Debian 13)",
    });
  }
  return { architecture: version.stdout.trim() };
}

/** What a shell ends with when there is no such command. */
const NO_COMMAND = 127;

function unreachable(stderr: string, code: number | null): AgentError {
  const why = stderr.trim().split("\n").at(-1) || "docker printed no reason";
  if (/permission denied/i.test(stderr)) {
    return new PermissionError("the container engine refuses this user", {
      code: "engine.denied",
      why,
      fix: "run the command with sudo",
    });
  }
  if (code === NO_COMMAND) {
    return new BuildError("the images cannot be built", {
      code: "build.tools-missing",
      why: "there is no docker command on this machine",
      fix: "run: sudo ./greenleaf up, which installs it, or apt-get install docker.io",
    });
  }
  return new BuildError("the container engine does not answer", {
    code: "engine.away",
    why,
    fix: "start it: systemctl start docker",
  });
}

export interface EngineImage {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly layers: readonly string[];
}

/** What the engine holds under a name or id, or undefined. */
export async function findImage(name: string): Promise<EngineImage | undefined> {
  const found = await $({ quiet: true, nothrow: true })`docker image inspect ${name}`;
  if (found.exitCode !== 0) return undefined;
  const [image] = JSON.parse(found.stdout) as [
    { Id: string; Config: { Labels: Record<string, string> | null }; RootFS: { Layers: string[] | null } },
  ];
  return { id: image.Id, labels: image.Config.Labels ?? {}, layers: image.RootFS.Layers ?? [] };
}
