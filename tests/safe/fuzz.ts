/** Bytes that no client means, from a seed: the same seed sends the same. */
export class Fuzz {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, below): mulberry32. */
  number(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  one<T>(from: readonly [T, ...T[]]): T {
    return from[this.number(from.length)] ?? from[0];
  }

  chance(percent: number): boolean {
    return this.number(100) < percent;
  }

  bytes(upTo: number): Buffer {
    return Buffer.from(Array.from({ length: this.number(upTo + 1) }, () => this.number(256)));
  }

  /** A path as somebody would write it who looks for two programs that disagree. */
  path(): string {
    if (this.chance(5))
      return this.one(["*", "http://[", "//:x/../healthz", "", "?", "#", "http://a/b", "mailto:x", "a:443"]);
    let path = this.chance(90) ? "/" : "";
    for (let parts = this.number(6); parts > 0; parts -= 1) path += this.one(PARTS);
    if (this.chance(30)) path += `?${this.one(PARTS)}=${this.one(PARTS)}`;
    return path;
  }

  /** A request, well-formed or nearly so, sometimes with bytes turned over in it. */
  request(): Buffer {
    const line = `${this.one(METHODS)} ${this.path()} ${this.one(VERSIONS)}`;
    const headers = Array.from({ length: this.number(6) }, () => this.one(HEADERS));
    const host = this.chance(90) ? [this.one(HOSTS)] : [];
    const body = this.chance(20) ? this.bytes(200).toString("latin1") : "";
    const length =
      body !== "" && this.chance(70) ? [`Content-Length: ${body.length + this.one([0, 0, 0, 1, -1, 1_000_000])}`] : [];
    const end = this.chance(95) ? "\r\n" : this.one(["\n", "\r", "\r\n\r\n", "\0"]);
    const text = [line, ...host, ...headers, ...length, "", ""].join(end) + body;
    return this.#turned(Buffer.from(text, "latin1"));
  }

  #turned(bytes: Buffer): Buffer {
    if (!this.chance(40)) return bytes;
    for (let turns = 1 + this.number(4); turns > 0; turns -= 1) bytes[this.number(bytes.length)] = this.number(256);
    return this.chance(20) ? bytes.subarray(0, this.number(bytes.length)) : bytes;
  }

  /** What a router could hear of one of another version, or of nobody. */
  datagram(heartbeat: object): Buffer {
    if (this.chance(25)) return this.bytes(300);
    const members = Object.entries(heartbeat).map(([name, value]) => {
      if (!this.chance(25)) return [name, value];
      return [this.chance(80) ? name : this.one(NAMES), this.one(VALUES)];
    });
    const kept = members.filter(() => this.chance(90));
    return this.#turned(
      Buffer.from(
        this.chance(5) ? this.one(["{}", "[]", "null", "7", '"x"']) : JSON.stringify(Object.fromEntries(kept)),
      ),
    );
  }
}

const METHODS = [
  "GET",
  "GET",
  "GET",
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "OPTIONS",
  "CONNECT",
  "TRACE",
  "get",
  "G\0T",
  "M-SEARCH",
  "PRI",
] as const;
const VERSIONS = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9", "http/1.1", ""] as const;
const HOSTS = [
  "Host: localhost",
  "Host: localhost",
  "Host: 127.0.0.1:80",
  "Host: ",
  "Host: [",
  "Host: a b",
  "Host: evil.example",
] as const;
const PARTS = [
  "healthz",
  "metrics",
  "status",
  "livez",
  "store",
  "admin",
  "auth",
  "AUTH",
  "app",
  "media",
  "hooks",
  "fr",
  "_next",

  "/",
  "/",
  "/",
  "//",
  "..",
  ".",
  "\\",
  ":",
  "@",
  ";",
  "[",
  "]",
  "%",
  "%2e",
  "%2F",
  "%00",
  "%zz",
  "%ff",
  "%25",
  "+",
  "*",

  "__proto__",
  "constructor",
  "{http.request.header.X}",
  "{$HOME}",
  "\u00e9",
  "a".repeat(3_000),
  "${x}",
  "<script>",
  "'",
] as const;
const HEADERS = [
  "Connection: close",
  "Connection: keep-alive, upgrade",
  "Upgrade: websocket",
  "Upgrade: h2c",
  "HTTP2-Settings: AAMAAABkAAQ",

  "Transfer-Encoding: chunked",
  "Transfer-Encoding: identity, chunked",
  "Content-Length: 0",
  "Content-Length: -1",
  "Content-Length: 99999999999999999999",

  "Expect: 100-continue",
  "Expect: x",
  "Range: bytes=0-,5-,-",
  "Accept-Encoding: zstd, gzip;q=2",
  "Cookie: a=b; =; ;;",
  "If-None-Match: *",

  "X-Forwarded-For: 127.0.0.1, [::1, x",
  "X-Forwarded-Proto: https",
  'Forwarded: for="',
  "Authorization: Bearer",
  ": x",
  "X",
  " X: folded",
  `X: ${"y".repeat(9_000)}`,
] as const;
const NAMES = ["__proto__", "constructor", "serves", "router", ""] as const;
const VALUES: readonly [unknown, ...unknown[]] = [
  null,
  true,
  "x",
  -1,
  1e308,
  {},
  [],
  { home: 1 },
  { home: null, peer: {} },
  [[[]]],
];
