import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import type { Backend } from "./backend-world.ts";

interface Shop {
  readonly a: Backend;
  readonly admin: { email: string; password: string };
}

/** What a keeper does who has no way into the admin: beside the running backend, as `greenleaf admin` does it. */
export function keeperTests(shop: () => Shop): void {
  const reset = (password: string, ...email: string[]) => {
    const command = ["exec", "-i", shop().a.container.getId(), "node", "/app/src/entry.js", "reset-password", ...email];
    const { status, stdout, stderr } = spawnSync("docker", command, { input: password, encoding: "utf8" });
    return { status, stdout, stderr };
  };
  // Each from an address of its own: wrong passwords are counted, and the other tests' of this minute are.
  let address = 0;
  const enters = async (password: string) => {
    const headers = { "content-type": "application/json", "x-greenleaf-client": `198.51.100.${(address += 1)}` };
    const body = JSON.stringify({ email: shop().admin.email, password });
    return (await fetch(`${shop().a.url}/auth/user/emailpass`, { method: "POST", headers, body })).status;
  };

  test("a forgotten password is set again, and the old one opens nothing", async () => {
    const { email, password } = shop().admin;
    const done = reset("quite another password\n");
    expect(done).toEqual({ status: 0, stdout: `${JSON.stringify({ email })}\n`, stderr: "" });
    expect([await enters(password), await enters("quite another password")]).toEqual([401, 200]);
    expect(reset(password, email.toUpperCase())).toMatchObject({ status: 0, stderr: "" });
    expect(await enters(password)).toBe(200);
  });

  test("a stranger, and a password that is too short, are refused in words and change nothing", async () => {
    const stranger = reset("quite another password", "nobody@shop.example");
    expect([stranger.status, stranger.stderr]).toEqual([64, expect.stringContaining("nobody logs in as nobody@")]);
    const short = reset("short");
    expect([short.status, short.stderr]).toEqual([78, expect.stringContaining("12 characters or more")]);
    expect(await enters(shop().admin.password)).toBe(200);
  });
}
