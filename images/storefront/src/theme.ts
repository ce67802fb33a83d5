import { createHash } from "node:crypto";
import { settings } from "./settings.ts";

/** Where browsers find the keeper's CSS: an address that changes with it. Undefined where there is none. */
export function themeAddress(): string | undefined {
  const { theme } = settings();
  return theme === "" ? undefined : `/theme.css?v=${createHash("sha256").update(theme).digest("hex").slice(0, 12)}`;
}
