/** Flows of one router made loadable by another: `conntrack -o save` lines in, `--load-file` lines out. */
export interface Translated {
  /** Seconds a flow lives without a packet. */
  readonly idleSeconds: number;
  /** Address the other router translates to; answers will come to it. */
  readonly address: string;
}

// A translated flow is written with -n, one that is not with -q.
const TUPLE =
  /^-([AUD]) .*?-s (\S+) -d (\S+) -r \S+ -n \S+ -p (tcp|udp) --sport (\d+) --dport (\d+) --reply-port-src (\d+) --reply-port-dst (\d+)/;

/** Worth saving: a flow in which both sides have spoken and neither has ended it. */
const ALIVE = /-p tcp .*--state ESTABLISHED|-u \S*SEEN_REPLY.* -p udp /;

/** The last word on every flow counts; what is not a whole line of a living, translated flow is left out. */
export function loadable(lines: Iterable<string>, { idleSeconds, address }: Translated): string[] {
  const flows = new Map<string, string>();
  for (const line of lines) {
    const [, verb, source, target, protocol, sport, dport, replySport, replyDport] = TUPLE.exec(line) ?? [];
    if (verb === undefined) continue;
    const key = `${protocol} ${source} ${sport} ${target} ${dport}`;
    if (verb === "D" || !ALIVE.test(line)) {
      flows.delete(key);
      continue;
    }
    const ports = `--sport ${sport} --dport ${dport} --reply-port-src ${replySport} --reply-port-dst ${replyDport}`;
    const ends = `-s ${source} -d ${target} -r ${target} -n ${address} -p ${protocol} ${ports}`;
    const life = protocol === "tcp" ? idleSeconds : UDP_SECONDS;
    flows.set(key, `-A -t ${life} -u SEEN_REPLY,ASSURED ${ends}${protocol === "tcp" ? " --state ESTABLISHED" : ""}`);
  }
  return [...flows.values()];
}

/** The kernel's own time for an answered UDP flow. */
const UDP_SECONDS = 120;
