import { elementText } from "../../node-agent/src/core/aws/answer.ts";
import { type AwsAccount, AwsRefusal, query } from "../fleet/aws.ts";
import { EC2 } from "./ask.ts";
import { type Finding, fails, ok } from "./finding.ts";

/** A parameter outlives the image it names: `gone` is one that was deregistered, or is another region's. */
export type ImageState = "there" | "no parameter" | "gone" | "not ready";

/** What is behind each name: a parameter with its value as found, or an image by its id. */
export async function imageStates(
  account: AwsAccount,
  names: readonly string[],
  parameters: ReadonlyMap<string, string>,
): Promise<Readonly<Record<string, ImageState>>> {
  const found: [string, ImageState][] = [];
  for (const name of names) {
    const image = name.startsWith("ami-") ? name : parameters.get(name);
    found.push([name, image === undefined ? "no parameter" : await stateOf(account, image)]);
  }
  return Object.fromEntries(found);
}

async function stateOf(account: AwsAccount, image: string): Promise<ImageState> {
  try {
    const state = elementText(await query(account, EC2, "DescribeImages", { "ImageId.1": image }), "imageState");
    // An image that these credentials may not see is left out, not refused.
    if (state === undefined) return "gone";
    return state === "available" ? "there" : "not ready";
  } catch (error) {
    if (error instanceof AwsRefusal && error.code.startsWith("InvalidAMIID.")) return "gone";
    throw error;
  }
}

const WORDS: Readonly<Record<Exclude<ImageState, "there">, string>> = {
  "no parameter": "no image behind",
  gone: "there is no such image any more in this region behind",
  "not ready": "the image is not available yet behind",
};

export function imagesFinding(states: Readonly<Record<string, ImageState>>): Finding {
  const bad = Object.entries(states).flatMap(([name, state]) => (state === "there" ? [] : [`${WORDS[state]} ${name}`]));
  if (bad.length === 0) return ok("images", Object.keys(states).join(", "));
  const fix = "publish one (./greenleaf ami), or take a stock image (docs/runbook.md)";
  return fails("images", bad.join("; "), fix);
}
