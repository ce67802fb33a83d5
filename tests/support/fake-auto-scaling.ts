import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readBody } from "./fake-aws.ts";
import { SECRET_KEY } from "./fake-imds.ts";
import { signatureProblem } from "./signature-problem.ts";

export type AutoScalingFault =
  | "none"
  /** Refused before anything happened. */
  | "500"
  | "throttle"
  | "skew"
  /** The action is done, but its answer is lost. */
  | "reset after"
  | "500 after"
  /** Answered late. */
  | "delay"
  | "denied"
  /** Half a document behind a 200. */
  | "cut";

/** The part of Auto Scaling that one instance sees, over the wire. */
export interface FakeAutoScaling {
  readonly url: string;
  /** Lifecycle state of the instance; undefined while it is in no group. */
  state: string | undefined;
  /** Taken from the front, one a request. */
  readonly faults: AutoScalingFault[];
  /** Completions that ended a wait: what the group acted on. */
  readonly completions: Array<{ hook: string; result: string }>;
  readonly actions: string[];
  /** What was wrong with the signatures seen; empty when all were right. */
  readonly unsigned: string[];
  close(): Promise<void>;
}

const GROUP = "greenleaf-app";
const WAITS: Readonly<Record<string, { hook: string; next: string }>> = {
  "Pending:Wait": { hook: "greenleaf-launch", next: "Pending:Proceed" },
  "Terminating:Wait": { hook: "greenleaf-terminate", next: "Terminating:Proceed" },
};

interface Answer {
  status: number;
  xml: string;
}

const problem = (status: number, code: string, message: string): Answer => ({
  status,
  xml: `<ErrorResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
});

export async function startFakeAutoScaling(): Promise<FakeAutoScaling> {
  const fake: Omit<FakeAutoScaling, "url" | "close"> = {
    state: "InService",
    faults: [],
    completions: [],
    actions: [],
    unsigned: [],
  };

  const describe = (): Answer => {
    const member =
      fake.state === undefined
        ? ""
        : `<member><InstanceId>i</InstanceId><AutoScalingGroupName>${GROUP}</AutoScalingGroupName><LifecycleState>${fake.state}</LifecycleState></member>`;
    return {
      status: 200,
      xml: `<DescribeAutoScalingInstancesResponse><DescribeAutoScalingInstancesResult><AutoScalingInstances>${member}</AutoScalingInstances></DescribeAutoScalingInstancesResult></DescribeAutoScalingInstancesResponse>`,
    };
  };
  const complete = (asked: URLSearchParams): Answer => {
    const wait = WAITS[fake.state ?? ""];
    const hook = asked.get("LifecycleHookName") ?? "";
    if (wait?.hook !== hook || asked.get("AutoScalingGroupName") !== GROUP) {
      return problem(400, "ValidationError", "No active Lifecycle Action found with instance ID i");
    }
    fake.state = wait.next;
    fake.completions.push({ hook, result: asked.get("LifecycleActionResult") ?? "" });
    return { status: 200, xml: "<CompleteLifecycleActionResponse><X/></CompleteLifecycleActionResponse>" };
  };
  const act = (asked: URLSearchParams): Answer => {
    const action = asked.get("Action") ?? "";
    fake.actions.push(action);
    if (action === "DescribeAutoScalingInstances") return describe();
    return action === "CompleteLifecycleAction" ? complete(asked) : problem(400, "InvalidAction", action);
  };
  const respond = (fault: AutoScalingFault | undefined, asked: URLSearchParams, response: ServerResponse): void => {
    const send = ({ status, xml }: Answer) => void response.writeHead(status, { "content-type": "text/xml" }).end(xml);
    switch (fault) {
      case undefined:
      case "none":
        return send(act(asked));
      case "500":
        return send(problem(500, "InternalFailure", "try again"));
      case "throttle":
        return send(problem(400, "Throttling", "Rate exceeded"));
      case "skew":
        return send(problem(403, "RequestTimeTooSkewed", "the clock is off"));
      case "denied":
        return send(problem(403, "AccessDenied", "not authorized to perform: autoscaling:CompleteLifecycleAction"));
      case "500 after":
        act(asked);
        return send(problem(500, "InternalFailure", "try again"));
      case "reset after":
        act(asked);
        return void response.destroy();
      case "cut": {
        const { status, xml } = act(asked);
        return send({ status, xml: xml.slice(0, xml.length / 2) });
      }
      case "delay":
        return void setTimeout(() => send(act(asked)), 700);
    }
  };
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const problem = signatureProblem(request, body, SECRET_KEY);
      if (problem !== undefined) fake.unsigned.push(problem);
      respond(fake.faults.shift(), new URLSearchParams(body), response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(fake, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
