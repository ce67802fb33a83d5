import { ENGINE_FOLDER, IMAGES_PATH } from "../../base/paths.ts";
import { parseImageRecord } from "../../core/stack/image-record.ts";
import { unusedImages } from "../../core/stack/unused-images.ts";
import type { World } from "../../world.ts";
import { logAgentError } from "../part.ts";
import type { View } from "./view.ts";

const EVERY_MS = 600_000;
/** Percent of the engine's disk in use at which room is made, and down to which. */
const WATERMARK = { begins: 80, ends: 70 };
const JOURNAL_LEFT = "200M";
const LIMIT_MS = 60_000;

export interface HousekeepingNeeds {
  readonly world: Pick<World, "clock" | "files" | "engineSocket" | "exec">;
  readonly view: View;
}

/**
 * Makes room on a node's disk before it is full. Asks for no lock: what hangs with one in its hand must not fill a disk.
 * So it takes away only what no boot could be about to use: images of kept releases, and of the next one from before it is
 * pulled, stand in the record of images.
 */
export class Housekeeping {
  readonly #needs: HousekeepingNeeds;
  #nextAt = 0;
  #underWay: Promise<void> | undefined;

  constructor(needs: HousekeepingNeeds) {
    this.#needs = needs;
  }

  /** After every look; what it begins is not waited for. */
  async consider(): Promise<void> {
    const { world, view } = this.#needs;
    if (this.#underWay !== undefined || world.clock.now() < this.#nextAt || view.draining !== undefined) return;
    this.#underWay = this.#turn().finally(() => (this.#underWay = undefined));
  }

  async #turn(): Promise<void> {
    const { world, view } = this.#needs;
    await logAgentError(view, () => this.#makeRoom());
    this.#nextAt = world.clock.now() + EVERY_MS;
  }

  async #makeRoom(): Promise<void> {
    const { view } = this.#needs;
    const before = await this.#usedPercent();
    if (before === undefined || before < WATERMARK.begins) return;
    for (const { what, remove } of await this.#removals()) {
      view.note(`disk: ${what} goes, to make room`);
      await logAgentError(view, remove);
      if (((await this.#usedPercent()) ?? 100) <= WATERMARK.ends) break;
    }
    view.note(`disk: ${await this.#usedPercent()} % in use, ${before} % before room was made`);
  }

  /** The cheapest to have again first. */
  async #removals(): Promise<ReadonlyArray<{ what: string; remove: () => Promise<unknown> }>> {
    const { engineSocket, exec, files } = this.#needs.world;
    const record = parseImageRecord(await files.read(IMAGES_PATH));
    const [images, inUse] = await Promise.all([engineSocket.images(), engineSocket.imagesInUse()]);
    const vacuum = ["journalctl", `--vacuum-size=${JOURNAL_LEFT}`] as const;
    return [
      { what: "the build cache", remove: () => engineSocket.pruneBuildCache() },
      ...unusedImages(images, record, inUse).map((reference) => ({
        what: `image ${reference}`,
        remove: () => engineSocket.removeImage(reference),
      })),
      { what: `the journal beyond ${JOURNAL_LEFT}`, remove: () => exec(vacuum, { timeoutMs: LIMIT_MS }) },
    ];
  }

  async #usedPercent(): Promise<number | undefined> {
    const argv = ["df", "--output=pcent", ENGINE_FOLDER] as const;
    const { code, stdout } = await this.#needs.world.exec(argv, { accept: [0, 1], timeoutMs: LIMIT_MS });
    const found = /^\s*(\d+)%/m.exec(stdout)?.[1];
    return code === 0 && found !== undefined ? Number(found) : undefined;
  }
}
