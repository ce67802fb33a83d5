import { ConfigurationError, EXIT, type ExitCode, TemporaryError } from "../../base/errors.ts";
import { placeOf } from "../../core/router/document.ts";
import { KEYS_RECORD, keysOf, recordedKeys, withNewKey } from "../../core/router/failover/heartbeat-keys.ts";
import { routerOf } from "../../core/router/nat/config.ts";
import { readDocument } from "../../phases/boot/identify.ts";
import type { Invocation } from "../command.ts";

/** Puts a new key before the one of now; both count until the next rotation. */
export async function natRotateKey({ world, log }: Invocation): Promise<ExitCode> {
  const document = await readDocument(world);
  const { zones, lease } = routerOf(document);
  const [home] = zones;
  if (lease === undefined || home === undefined) throw standsAlone();
  const store = world.leases(placeOf(document, home), lease);
  const record = await store.read(KEYS_RECORD);
  const keys = withNewKey(keysOf(record) ?? [], world.newKey());
  const isWritten = await store.write(KEYS_RECORD, { holder: recordedKeys(keys), version: world.newKey() }, record);
  if (!isWritten) throw rotatedElsewhere();
  log.emit({
    kind: "notice",
    message: "nat       the heartbeats' new key is written; both routers have it in 10 minutes",
  });
  return EXIT.ready;
}

function standsAlone(): ConfigurationError {
  return new ConfigurationError("nat: there is no key to rotate", {
    code: "nat.no-key",
    why: "the node document names no lease table, so this router stands alone and sends no heartbeats",
    fix: "run it on a router of a pair",
  });
}

function rotatedElsewhere(): TemporaryError {
  return new TemporaryError("nat: the key was not rotated", {
    code: "nat.key-rotated",
    why: "another router wrote a key at the same moment",
    fix: "that one counts; rotate again in 10 minutes if it shall go as well",
  });
}
