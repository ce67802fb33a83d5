import type { FakedCall } from "./fakes.ts";
import { queryXml } from "./xml.ts";

export const SCALING: Readonly<Record<string, FakedCall>> = {
  "autoscaling:RecordLifecycleActionHeartbeat": {
    why: "moto 5.1 has no such call",
    answer: (call) => ({ xml: queryXml(call.action, "") }),
  },
};
