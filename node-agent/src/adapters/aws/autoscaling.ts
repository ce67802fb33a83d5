import type { AutoScaling } from "../core/lifecycle.ts";
import { elementText } from "../core/query-answer.ts";
import type { QueryAnswer, SignedQuery } from "./signed-query.ts";

export const AUTO_SCALING_API = { service: "autoscaling", apiVersion: "2011-01-01" };

export function autoScaling(query: SignedQuery): AutoScaling {
  return {
    membership: async (instanceId) => {
      const answer = await query("DescribeAutoScalingInstances", { "InstanceIds.member.1": instanceId });
      const xml = accepted(answer);
      const group = elementText(xml, "AutoScalingGroupName");
      return group === undefined ? undefined : { group, state: elementText(xml, "LifecycleState") ?? "unknown" };
    },
    complete: async ({ group, hook, instanceId, result }) => {
      const answer = await query("CompleteLifecycleAction", {
        AutoScalingGroupName: group,
        LifecycleHookName: hook,
        InstanceId: instanceId,
        LifecycleActionResult: result,
      });
      return answer.kind === "ok" ? { done: true } : { done: false, because: `${answer.code}: ${answer.message}` };
    },
  };
}

function accepted(answer: QueryAnswer): string {
  if (answer.kind === "ok") return answer.xml;
  throw new Error(`Auto Scaling refused a well-formed question: ${answer.code}: ${answer.message}`);
}
