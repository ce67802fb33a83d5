/**
 * A test that runs a program to its end holds its own process still meanwhile, and a server closes a connection that is
 * idle for five seconds. The next fetch would use the closed one and fail with "other side closed".
 */
const fetchAsItIs = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const request = new Request(input, init);
  request.headers.set("connection", "close");
  return fetchAsItIs(request);
};
