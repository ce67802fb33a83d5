import { expect, test } from "vitest";
import { staleImages } from "./age.ts";

const node = (environment: string, role: string, imageDays: number | undefined) => ({ environment, role, imageDays });

test("an image without a month's updates is said once for each role and environment, by its oldest node", () => {
  const found = [
    node("prod", "app", 36),
    node("prod", "app", 90),
    node("prod", "router", 35),
    node("dev", "app", undefined),
    node("preprod", "router", 400),
  ];
  expect(staleImages(found)).toEqual([
    expect.stringMatching(/^the app image of prod is 90 days old: .\/greenleaf ami app,/),
    expect.stringMatching(/^the router image of preprod is 400 days old: .\/greenleaf ami router,/),
  ]);
  expect(staleImages([])).toEqual([]);
});
