import { ConfigurationError } from "../../base/errors.ts";
import { elementText } from "../../core/aws/answer.ts";
import type { AutoScaling } from "../../core/node/lifecycle.ts";
import type { QueryAnswer, SignedQuery } from "./signed/signed-query.ts";

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
      return answer.kind === "ok" ? { done: true } : { done: false, why: `${answer.code}: ${answer.message}` };
    },
  };
}

function accepted(answer: QueryAnswer): string {
  if (answer.kind === "ok") return answer.xml;
  throw new ConfigurationError("autoscaling:DescribeAutoScalingInstances was refused", {
    code: "aws.rejected",
    why: `${answer.code}: ${answer.message}`,
    fix: "check region and endpoint of the node document (/etc/greenleaf/node.json)",
  });
}
