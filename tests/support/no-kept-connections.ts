/**
 * What fetch needs from its caller here, for the suites that run programs.
 *
 * A test that runs a program to its end holds its own process still meanwhile, and a server closes a connection that is
 * idle for five seconds. The next fetch would use the closed one and fail with "other side closed".
 *
 * An answer whose body nobody reads is read all the same: undici ends the process (`assert(!this.paused)`) when a server
 * closes a connection while a large body waits in it.
 */
const fetchAsItIs = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  request.headers.set("connection", "close");
  const answer = await fetchAsItIs(request);
  if (answer.body !== null) drain(answer.clone());
  return answer;
};

function drain(answer: Response): void {
  answer.arrayBuffer().catch(() => undefined);
}
