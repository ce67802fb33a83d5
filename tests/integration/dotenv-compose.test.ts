import { expect, test } from "vitest";
import { composeVersion, readWithCompose, tallied } from "../support/dotenv-readers.ts";
import { secretValues } from "../support/secret-values.ts";

const CHUNK = 2_000;

const compose = await composeVersion();
const why = compose === undefined ? " (skipped: docker compose is missing; ./greenleaf up installs it)" : "";

test.skipIf(compose === undefined)(
  `docker compose reads back 4,000 values of 16 classes exactly, and refuses none${why}`,
  async () => {
    const { values, changed, refused, reasons } = await tallied("compose", [...secretValues(4_000, 24)], CHUNK);
    expect({ values, changed, refused, reasons: [...reasons] }).toEqual({
      values: 4_000,
      changed: 0,
      refused: 0,
      reasons: [],
    });
  },
);

test.skipIf(compose === undefined)(
  `docker compose would notice damage: a value that is not spelled for it comes back changed${why}`,
  async () => {
    expect(await readWithCompose("K=pa$word\n")).toEqual({ K: "pa" });
  },
);
