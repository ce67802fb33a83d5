import { spawn } from "node:child_process";

/** Asks ten times a second, without a retry, until it is told to end; then says what came of it. */
const PROGRAM = `
const [url, wanted] = process.argv.slice(1);
let sent = 0;
const failures = [];
let isOver = false;
process.stdin.on("data", () => (isOver = true));
const ask = async () => {
  sent += 1;
  const answer = await fetch(url).catch((error) => ({ status: 0, text: async () => String(error.cause ?? error) }));
  const text = await answer.text();
  if (answer.status !== Number(wanted)) failures.push(answer.status + " " + text.slice(0, 120));
};
const timer = setInterval(async () => {
  if (!isOver) return void ask();
  clearInterval(timer);
  setTimeout(() => { console.log(JSON.stringify({ sent, failures })); process.exit(0); }, 5_000);
}, 100);
`;
/** Caddy's own answer, for which it asks nobody: a machine that is too busy for more says nothing of its connections. */
const REFUSED = { path: "/A", status: 404 };

export interface Asking {
  /** What came of it, once it is told to end. */
  stop(): Promise<{ readonly sent: number; readonly failures: readonly string[] }>;
}

const NODE = "/usr/local/bin/node";
const TO_HOST = ["--add-host", "host.docker.internal:host-gateway"];

/** A container of the shop asks as the storefront does: by the way that is no customer's. */
export const askFromInside = (container: string): Asking =>
  asking(["docker", "exec", "--interactive", container, NODE, "-e", PROGRAM, "http://caddy:8082/store/inside", "200"]);

/** A container that is none of the shop's asks an address of the machine. */
export function askFromBeside(name: string, port: number): Asking {
  const run = ["docker", "run", "--rm", "--interactive", "--name", name, ...TO_HOST, "--entrypoint", NODE];
  const url = `http://host.docker.internal:${port}${REFUSED.path}`;
  return asking([...run, "greenleaf/node:local", "-e", PROGRAM, url, String(REFUSED.status)]);
}

/** Another machine asks, as far as the kernel goes: a network of its own, on a cable to this one. */
export function askFromOutside(network: string, host: string, port: number): Asking {
  const url = `http://${host}:${port}${REFUSED.path}`;
  return asking(["ip", "netns", "exec", network, process.execPath, "-e", PROGRAM, url, String(REFUSED.status)]);
}

function asking([program = "", ...argv]: readonly string[]): Asking {
  const child = spawn(program, argv, { stdio: ["pipe", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const over = new Promise((resolve) => child.on("close", resolve));
  return {
    stop: async () => {
      child.stdin.end("over\n");
      await over;
      return JSON.parse(text) as Awaited<ReturnType<Asking["stop"]>>;
    },
  };
}
