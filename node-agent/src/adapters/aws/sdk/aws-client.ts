import type { Readable } from "node:stream";
import { MAX_BYTES, readBounded } from "../../../base/bounded-body.ts";
import type { AwsAccess } from "./aws-call.ts";

const CONNECT_MS = 1_000;
const LONG_AGO = new Date(0);

/**
 * Settings of an SDK client that reads no file, no environment and no metadata of its own: what it does not find here it
 * would look for in ~/.aws and on the network. One attempt each, since the phases retry within their own budget.
 */
export function clientSettings({ region, endpoint, credentials }: AwsAccess) {
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: 1,
    retryMode: "standard",
    defaultsMode: "standard" as const,
    authSchemePreference: ["sigv4"],
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: "greenleaf",
    requestHandler: { connectionTimeout: CONNECT_MS },
    // The SDK's own collector takes whatever comes into memory.
    streamCollector: (stream: Readable) => readBounded(stream, MAX_BYTES.api),
    // An expiry in the past makes the SDK ask the source each time, which keeps them itself.
    credentials: async () => ({ ...(await credentials.get()), expiration: LONG_AGO }),
  };
}

export type ClientSettings = ReturnType<typeof clientSettings>;
