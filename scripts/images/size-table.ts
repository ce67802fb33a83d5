import { findImage } from "./engine.ts";
import { imageSize } from "./image-facts.ts";

/** Megabytes (10^6) an image may weigh as a registry sends it. */
export const BUDGETS: Readonly<Record<string, number>> = { backend: 120, storefront: 75 };

/** One line an image: its size in the engine and as a registry sends it, beside its budget where it has one. */
export async function sizeTable(names: readonly string[]): Promise<string> {
  const rows = [["image", "unpacked", "compressed", "budget"]];
  for (const name of names) rows.push(await sizeRow(name));
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => pad(cell, widths[column] ?? 0, column))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

async function sizeRow(name: string): Promise<string[]> {
  if (!(await findImage(`greenleaf/${name}:local`))) return [name, "not built", "", ""];
  const { unpacked, compressed } = await imageSize(`greenleaf/${name}:local`);
  const budget = BUDGETS[name];
  const verdict = budget === undefined ? "" : `${compressed <= budget * 1e6 ? "within" : "OVER"} ${budget} MB`;
  return [name, megabytes(unpacked), megabytes(compressed), verdict];
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const pad = (cell: string, width: number, column: number): string =>
  column === 1 || column === 2 ? cell.padStart(width) : cell.padEnd(width);
