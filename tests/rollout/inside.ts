import { spawn } from "node:child_process";

/** Asks the backend again and again as the storefront does: by the way that is no customer's, and without a retry. */
const PROGRAM = `
let sent = 0;
const failures = [];
let isOver = false;
process.stdin.on("data", () => (isOver = true));
const ask = async () => {
  sent += 1;
  const answer = await fetch("http://caddy:8082/store/inside").catch((error) => ({ ok: false, text: async () => String(error.cause ?? error) }));
  const text = await answer.text();
  if (!answer.ok) failures.push(text.slice(0, 120));
};
const timer = setInterval(async () => {
  if (!isOver) return void ask();
  clearInterval(timer);
  setTimeout(() => { console.log(JSON.stringify({ sent, failures })); process.exit(0); }, 5_000);
}, 100);
`;

export interface Inside {
  /** What came of it, once it is told to end. */
  stop(): Promise<{ readonly sent: number; readonly failures: readonly string[] }>;
}

/** Ten requests a second from within a container. */
export function askFromInside(container: string): Inside {
  const child = spawn("docker", ["exec", "--interactive", container, "/usr/local/bin/node", "-e", PROGRAM], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const over = new Promise((resolve) => child.on("close", resolve));
  return {
    stop: async () => {
      child.stdin.end("over\n");
      await over;
      return JSON.parse(text) as Awaited<ReturnType<Inside["stop"]>>;
    },
  };
}
