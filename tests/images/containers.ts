import { chown, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "zx";
import { systemClock } from "../../node-agent/src/base/clock.ts";
import { done, pending, until } from "../../node-agent/src/base/wait.ts";

/** The user of every image. */
export const UID = 10_001;
const quiet = $({ quiet: true });

export interface Wanted {
  readonly image: string;
  readonly env?: Readonly<Record<string, string>>;
  /** SOURCE:TARGET[:ro], as `docker run -v` takes them. */
  readonly mounts?: readonly string[];
  readonly port?: number;
  readonly flags?: readonly string[];
  readonly command?: readonly string[];
}

/** Containers and volumes of one test file; `clear` removes every one of them. */
export class Containers {
  readonly #names = new Set<string>();
  readonly #volumes = new Set<string>();
  readonly #prefix = `greenleaf-images-test-${process.pid}`;

  /** Starts a container as a locked-down stack would: no capability, no new privileges. */
  async start(wanted: Wanted): Promise<Container> {
    const { image, env = {}, mounts = [], port, flags = [], command = [] } = wanted;
    const name = `${this.#prefix}-${this.#names.size}`;
    this.#names.add(name);
    const options = [
      "--cap-drop=ALL",
      "--security-opt=no-new-privileges",
      // Values stay out of argv: docker takes them from this process's own environment.
      ...Object.keys(env).flatMap((key) => ["--env", key]),
      ...mounts.flatMap((mount) => ["--volume", mount]),
      ...(port ? ["--publish", `127.0.0.1::${port}`] : []),
      ...flags,
    ];
    await $({
      quiet: true,
      env: { ...process.env, ...env },
    })`docker run --detach --name ${name} ${options} ${image} ${command}`;
    return new Container(name, port);
  }

  volume(): string {
    const name = `${this.#prefix}-volume-${this.#volumes.size}`;
    this.#volumes.add(name);
    return name;
  }

  async clear(): Promise<void> {
    if (this.#names.size > 0) await quiet`docker rm --force --volumes ${[...this.#names]}`.nothrow();
    if (this.#volumes.size > 0) await quiet`docker volume rm --force ${[...this.#volumes]}`.nothrow();
    this.#names.clear();
    this.#volumes.clear();
  }
}

export class Container {
  readonly name: string;
  readonly #port: number | undefined;

  constructor(name: string, port: number | undefined) {
    this.name = name;
    this.#port = port;
  }

  /** The port of this machine that leads to the container's. It changes when the container starts again. */
  async port(): Promise<number> {
    const published = await quiet`docker port ${this.name} ${String(this.#port)}`;
    return Number(published.stdout.trim().split("\n")[0]?.split(":").at(-1));
  }

  /** Its own address, to which the kernel leads what comes from other machines; what this one publishes passes docker-proxy. */
  async address(): Promise<string> {
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    return (await quiet`docker inspect --format ${format} ${this.name}`).stdout.trim();
  }

  async state(): Promise<{ Status: string; ExitCode: number; Health?: { Status: string } }> {
    const found = await quiet`docker inspect --format ${"{{json .State}}"} ${this.name}`;
    return JSON.parse(found.stdout) as { Status: string; ExitCode: number; Health?: { Status: string } };
  }

  async healthy(): Promise<void> {
    await this.#reaches("healthy", ({ Health }) => Health?.Status === "healthy");
  }

  async exited(): Promise<number> {
    return (await this.#reaches("its end", ({ Status }) => Status === "exited")).ExitCode;
  }

  async #reaches(what: string, holds: (state: Awaited<ReturnType<Container["state"]>>) => boolean) {
    const wait = { what: `${this.name}: ${what}`, everyMs: 200, withinMs: 60_000, fix: `docker logs ${this.name}` };
    return until(systemClock, wait, async () => {
      const state = await this.state();
      return holds(state) ? done(state) : pending(JSON.stringify(state));
    });
  }

  kill = () => quiet`docker kill --signal KILL ${this.name}`;
  again = () => quiet`docker start ${this.name}`;
  remove = () => quiet`docker rm --force --volumes ${this.name}`;

  async logs(): Promise<string> {
    const { stdout, stderr } = await quiet`docker logs ${this.name}`;
    return stdout + stderr;
  }

  /** The whole log, once a line of it is as said: a program's line reaches the engine by a pipe, after the answer. */
  async logged(line: RegExp): Promise<string> {
    const wait = { what: `${line} in its log`, everyMs: 100, withinMs: 30_000, fix: `docker logs ${this.name}` };
    return until(systemClock, wait, async () => {
      const log = await this.logs();
      return line.test(log) ? done(log) : pending(log.slice(-1_000));
    });
  }

  async run(...command: string[]): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
    return quiet`docker exec ${this.name} ${command}`.nothrow();
  }

  /** What `ps` shows to everybody on this machine. */
  async commandLines(): Promise<string> {
    return (await quiet`docker top ${this.name} -eo pid,args`).stdout;
  }
}

/** A folder on this machine that containers may read and write. */
export async function sharedFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "greenleaf-images-"));
  await chown(folder, UID, UID);
  return folder;
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** A certificate authority of its own and a server certificate for `name` and localhost, as `up` mounts them. */
export async function certificates(name: string): Promise<string> {
  const folder = await sharedFolder();
  await mkdir(folder, { recursive: true });
  const openssl = $({ quiet: true, cwd: folder });
  await openssl`openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ca.key -out ca.crt -subj ${`/CN=${name}-ca`}`;
  await openssl`openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj ${`/CN=${name}`}`;
  await openssl`printf ${`subjectAltName=DNS:${name},DNS:localhost,IP:127.0.0.1`} > names`;
  await openssl`openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out server.crt -extfile names`;
  await openssl`rm ca.key server.csr names; chmod 600 server.key; chown -R ${UID}:${UID} .`;
  return folder;
}
