import { createServer, type ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { setByLink } from "../../../images/backend/src/keeper/reset-password.ts";
import { served } from "../../support/served.ts";

interface Asked {
  readonly method: string | undefined;
  readonly authorization: string | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

/** A backend that answers in one way, and what it was asked. */
async function backendThat(answers: (response: ServerResponse) => void) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      const { authorization, "content-type": type } = request.headers;
      asked.push({ method: request.method, authorization, type, body });
      answers(response);
    });
  });
  return { url: await served(server), asked };
}

const given = { token: "a.b.c", password: "quite another password" };
const failureAt = (url: string) => setByLink(url, given).catch((error: unknown) => error);

test("the new password goes to the backend with the token of a link, as a browser sends it", async () => {
  const { url, asked } = await backendThat((response) => response.writeHead(200).end("{}"));
  await setByLink(url, given);
  expect(asked).toEqual([
    {
      method: "POST",
      authorization: "Bearer a.b.c",
      type: "application/json",
      body: '{"password":"quite another password"}',
    },
  ]);
});

test.each([500, 503, 429])("after %i nobody knows whether it was changed, and it is said so (75)", async (status) => {
  const { url, asked } = await backendThat((response) => response.writeHead(status).end());
  expect(await failureAt(url)).toMatchObject({
    message: "it is not sure that the password was changed",
    exitCode: 75,
    why: `the backend answered ${status}`,
  });
  expect(asked).toHaveLength(1);
});

test("a backend that hangs up leaves it as unsure, with what happened as the cause", async () => {
  const { url } = await backendThat((response) => response.destroy());
  expect(await failureAt(url)).toMatchObject({
    message: "it is not sure that the password was changed",
    exitCode: 75,
    why: "the backend in this container does not answer",
    cause: expect.any(Error),
  });
});

test.each([400, 401, 404, 499])("after %i it is sure that nothing was changed (78)", async (status) => {
  const { url } = await backendThat((response) => response.writeHead(status).end());
  expect(await failureAt(url)).toMatchObject({
    message: "the password was not changed",
    exitCode: 78,
    why: `the backend answered ${status}`,
  });
});
