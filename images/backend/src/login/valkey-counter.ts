import type { Counter, Keys, Limits, Verdict } from "./attempts.ts";

/** The one command that is needed of a Valkey client: scripts run whole, so that nodes never count past each other. */
export interface Scripts {
  eval(script: string, keyCount: number, ...keysAndArguments: (string | number)[]): Promise<unknown>;
}

const READ = `
local function count(key)
  if not key then return 0, 0 end
  local found = redis.call('HMGET', key, 'wrong', 'pending')
  return tonumber(found[1] or 0), tonumber(found[2] or 0)
end
local function lasting(key)
  if redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, ARGV[2]) end
end
`;

/** judge() and ProcessCounter.reserve() in Valkey's words: {-1, ms to wait}, {0} to wait a moment, {1} to go on. */
const RESERVE = `${READ}
local limit = tonumber(ARGV[1])
local aw, ap = count(KEYS[1])
local cw, cp = count(KEYS[2])
local bw, bp = count(KEYS[3])
if aw >= limit or (cw >= limit and bw > 0) then
  local left = 0
  if aw >= limit then left = redis.call('PTTL', KEYS[1]) end
  if cw >= limit then left = math.max(left, redis.call('PTTL', KEYS[2])) end
  return {-1, left}
end
if aw + ap >= limit or (cw + cp >= limit and bw + bp > 0) then return {0} end
for _, key in ipairs(KEYS) do
  redis.call('HINCRBY', key, 'pending', 1)
  lasting(key)
end
return {1}
`;

const SETTLE = `${READ}
for at, key in ipairs(KEYS) do
  local wrong, pending = count(key)
  pending = math.max(0, pending - 1)
  if ARGV[3] == '1' then wrong = wrong + 1 elseif at == 3 then wrong = 0 end
  if wrong + pending == 0 then
    redis.call('DEL', key)
  else
    redis.call('HSET', key, 'wrong', wrong, 'pending', pending)
    lasting(key)
  end
end
return {1}
`;

/** Counts for all nodes. Rejects when Valkey does not answer. */
export class ValkeyCounter implements Counter {
  private readonly valkey: Scripts;
  private readonly limits: Limits;

  constructor(valkey: Scripts, limits: Limits) {
    this.valkey = valkey;
    this.limits = limits;
  }

  async reserve(keys: Keys): Promise<Verdict> {
    const { wrong, windowMs } = this.limits;
    const [state, left] = (await this.valkey.eval(RESERVE, keys.length, ...keys, wrong, windowMs)) as number[];
    if (state === -1) return { state: "refused", retryAfterMs: left ?? windowMs };
    return { state: state === 1 ? "go" : "wait" };
  }

  async settle(keys: Keys, isWrong: boolean): Promise<void> {
    const { wrong, windowMs } = this.limits;
    await this.valkey.eval(SETTLE, keys.length, ...keys, wrong, windowMs, isWrong ? 1 : 0);
  }
}
