import { openEventStream, openWebSocket } from "../../rollout/streams.ts";
import type { Row } from "../nat/table.ts";
import { explain, failedOf, underLoad, withShop } from "./measured.ts";

const EACH = 50;
/** What is under way in an old container is waited for so long. */
const GRACE = "30s";

/** WebSockets and event streams held over a flip, under load. */
export function streams(project: string): Promise<Row[]> {
  return withShop(project, async (shop) => {
    await shop.apply({});
    const open = () =>
      Promise.all(Array.from({ length: EACH }, () => [openWebSocket(shop.port), openEventStream(shop.port)]).flat());
    const held = await open();
    const closed = () => held.filter((stream) => !stream.isOpen()).length;
    let [atFlip, atStop] = [Number.NaN, Number.NaN];
    let strangers = Number.NaN;
    const sent = await underLoad(shop, async (load) => {
      const moved = shop.apply({ backend: { VERSION: "streamed", grace: GRACE } }, (operation) => {
        if (operation.startsWith("drain")) atFlip = closed();
        if (operation.startsWith("stop")) atStop = closed();
      });
      while (!load.versions.has("backend streamed")) await new Promise((resolve) => setTimeout(resolve, 100));
      const fresh = await open();
      strangers = fresh.filter(({ from }) => from !== "backend streamed").length;
      await moved;
      for (const stream of [...held, ...fresh]) stream.close();
    });
    await explain(shop, sent);
    const what = `${EACH} WebSockets and ${EACH} event streams held over the flip of a backend`;
    return [
      {
        what,
        measured: `${atFlip} closed by the flip, ${atStop} before the ${GRACE} of the old container were over; ${failedOf(sent)}`,
        target: "0 closed",
        isHeld: atFlip === 0 && atStop === 0,
      },
      {
        what: "as many new ones right after it",
        measured: `${2 * EACH - strangers} at the new container`,
        target: `${2 * EACH}`,
        isHeld: strangers === 0,
      },
    ];
  });
}
