import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { encodeLine, type Reader } from "../../node-agent/src/core/config/dotenv.ts";
import { tallied } from "../support/dotenv-readers.ts";
import { secretValues } from "../support/secret-values.ts";

const CHUNK = 300;

const lineOf = (reader: Reader, key: string, value: string): string => {
  const spelled = encodeLine(reader, key, value);
  if (!spelled.ok) throw new Error(`refused: ${spelled.why}`);
  return spelled.line;
};

test("Node reads back 24,000 values of 16 classes exactly, and refuses none", async () => {
  const { values, changed, refused, reasons } = await tallied("node", [...secretValues(24_000, 24)], CHUNK);
  expect({ values, changed, refused, reasons: [...reasons] }).toEqual({
    values: 24_000,
    changed: 0,
    refused: 0,
    reasons: [],
  });
});

test("the round trip would notice damage: values written as they stand come back changed", async () => {
  const damaged = [...secretValues(320)].filter(({ value }) => parseEnv(`K=${value}\n`).K !== value);
  expect(damaged.length).toBeGreaterThan(50);
});

test("node --env-file gives a program the same values as parseEnv", () => {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-env-file-"));
  const values = [...secretValues(400, 7)].map(({ value }, index) => [`GREENLEAF_${index}`, value] as const);
  const text = values.map(([key, value]) => lineOf("node", key, value)).join("\n");
  writeFileSync(join(folder, ".env"), `${text}\n`);
  // A clean environment: the runner's own variables begin with GREENLEAF_ too.
  const args = [`--env-file=${join(folder, ".env")}`, "-p", "JSON.stringify(process.env)"];
  const told = execFileSync(process.execPath, args, { env: {} });
  rmSync(folder, { recursive: true });
  const { ...environment } = JSON.parse(String(told)) as Record<string, string>;
  const ours = Object.entries(environment).filter(([key]) => key.startsWith("GREENLEAF_"));
  expect(Object.fromEntries(ours)).toEqual({ ...parseEnv(text) });
});

test("what a shell would run stays text: sourcing values without a single quote executes nothing", () => {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-source-"));
  const hostile = [
    "$(touch pwned)",
    "`touch pwned`",
    "a; touch pwned",
    "x && touch pwned",
    "| touch pwned",
    '"; touch pwned; "',
  ];
  const files = (["compose", "node"] as const).map((reader) => {
    writeFileSync(
      join(folder, reader),
      `${hostile.map((value, index) => lineOf(reader, `K${index}`, value)).join("\n")}\n`,
    );
    return `. ./${reader}`;
  });
  const told = execFileSync("sh", ["-c", `${files.join("; ")}; ls; printf '%s|' "$K0" "$K1"`], {
    cwd: folder,
    encoding: "utf8",
  });
  rmSync(folder, { recursive: true });
  expect(told).toBe("compose\nnode\n$(touch pwned)|`touch pwned`|");
});
