import { afterEach, expect, test } from "vitest";
import { ipBatch, killPrograms, namespacePids, removeNamespace, run } from "../../scripts/lab/namespaces.ts";
import { LAB_PREFIX } from "../../scripts/lab/topology.ts";
import { skipReason } from "./lab.ts";

const NAME = `${LAB_PREFIX}busy-${process.pid}-r1`;
const missing = skipReason();

afterEach(() => removeNamespace(NAME));

test.skipIf(missing !== undefined)(
  `programs that come and go in a namespace are all ended, though each listing is old at once${missing === undefined ? "" : `: ${missing}`}`,
  async () => {
    await ipBatch(undefined, [`netns add ${NAME}`]);
    const loops = Array.from({ length: 4 }, () =>
      run(["ip", "netns", "exec", NAME, "sh", "-c", "while :; do (true); (sleep 0.01) & done"]),
    );
    await expect.poll(async () => (await namespacePids(NAME)).length).toBeGreaterThan(4);

    await killPrograms(NAME);

    expect(await namespacePids(NAME)).toEqual([]);
    await Promise.all(loops);
  },
);
