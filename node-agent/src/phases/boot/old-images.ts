import { AgentError } from "../../base/errors.ts";
import { IMAGES_PATH, PREVIOUS_RELEASES_PATH } from "../../base/paths.ts";
import { imagesNow, parseImageRecord } from "../../core/stack/image-record.ts";
import { applyOperations, type Boot } from "../phase.ts";
import type { Released } from "../stages.ts";

/**
 * Makes room before anything is pulled: images of releases that are neither this one nor the one before go, nobody
 * else's do. One that a container still uses stays, and no failure of this ends a boot.
 */
export async function removeOldImages(boot: Boot & Pick<Released, "release">): Promise<void> {
  const { files, engine } = boot.world;
  const { id, images } = boot.release;
  const kept = ((await files.read(PREVIOUS_RELEASES_PATH)) ?? "").split("\n").filter((other) => other !== "");
  const pinned = [...new Set(Object.values(images))].filter((image) => image.includes("@"));
  const { record, old } = imagesNow(parseImageRecord(await files.read(IMAGES_PATH)), { id, images: pinned, kept });
  const why = "of no release that is kept here";
  const operations = old.map((image) => ({ name: `remove image ${image}`, why, image }));
  await applyOperations(boot, "pull", operations, async ({ image }) => {
    try {
      await engine.removeImage(image);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      boot.log.emit({ kind: "progress", phase: "pull", message: `${image} stays: ${error.why}` });
    }
  });
  // After the removals: a boot that is killed meanwhile still knows what is left.
  await files.write(IMAGES_PATH, `${JSON.stringify(record)}\n`, { mode: 0o644 });
}
