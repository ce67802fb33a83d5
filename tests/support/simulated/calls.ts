/** One call of the outside: its name, as in `engine.start`, and which call of the boot it is. */
export interface Call {
  readonly name: string;
  readonly index: number;
}

/** Decides about a call: `answer` makes it. */
export type Interceptor = (call: Call, answer: () => unknown) => unknown;

type Anything = (...args: unknown[]) => unknown;

const isPlain = (value: unknown): value is object => typeof value === "object" && value !== null;
const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise;
/** Has calls, itself or in a part. */
const hasCalls = (value: unknown): value is object =>
  isPlain(value) &&
  [...names(value)].some((name) => {
    const found = (value as Record<string, unknown>)[name];
    return typeof found === "function" || isPart(found);
  });

/** An object literal with calls of its own, as `imds` gives; buffers and maps are answers. */
const isPart = (value: unknown): value is object =>
  isPlain(value) && Object.getPrototypeOf(value) === Object.prototype && hasCalls(value);

function names(value: object): Set<string> {
  const own = Object.keys(value);
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(value) ?? {});
  return new Set([...own, ...(Object.getPrototypeOf(value) === Object.prototype ? [] : methods)]);
}

/** The world with every call of it, however deep, going through `intercept`; what gives no promise answers at once. */
export function intercepted<W extends object>(world: W, intercept: Interceptor, untouched: readonly string[]): W {
  let index = 0;
  const wrap = (value: object, path: string): object =>
    new Proxy(value, {
      get(target, key) {
        const found: unknown = Reflect.get(target, key);
        if (typeof key === "symbol") return found;
        const name = path === "" ? key : `${path}.${key}`;
        if (untouched.includes(name)) return found;
        if (typeof found === "function") return called(found as Anything, target, name);
        return isPlain(found) && hasCalls(found) ? wrap(found, name) : found;
      },
    });
  const called =
    (call: Anything, target: object, name: string): Anything =>
    (...args) => {
      const answer = () => {
        const given = call.apply(target, args);
        return isPromise(given) ? given.then((value) => (isPart(value) ? wrap(value, `${name}()`) : value)) : given;
      };
      const given = answerKind(call, target, args, answer);
      if (given.kind === "object") return wrap(given.value, name);
      if (given.kind === "value") return given.value;
      return intercept({ name, index: (index += 1) }, given.make);
    };
  return wrap(world, "") as W;
}

type Kind =
  | { kind: "object"; value: object }
  | { kind: "value"; value: unknown }
  | { kind: "call"; make: () => unknown };

// Only what is `async` here gives a promise; the fakes are made so.
function answerKind(call: Anything, target: object, args: unknown[], answer: () => unknown): Kind {
  if (call.constructor.name === "AsyncFunction") return { kind: "call", make: answer };
  const value = call.apply(target, args);
  if (isPromise(value)) return { kind: "call", make: () => value };
  return isPart(value) ? { kind: "object", value } : { kind: "value", value };
}

/** Names of all calls of a world; `open` gives the arguments of those that open a part of it. */
export function callsOf(world: object, open: Readonly<Record<string, readonly unknown[]>>): string[] {
  const walk = (value: object, path: string): string[] =>
    [...names(value)].flatMap((key) => {
      if (key === "constructor") return [];
      const found = (value as Record<string, unknown>)[key];
      const name = path === "" ? key : `${path}.${key}`;
      if (typeof found !== "function") return isPlain(found) ? walk(found, name) : [];
      const args = open[name];
      return args === undefined ? [name] : walk((found as Anything).apply(value, [...args]) as object, name);
    });
  return walk(world, "");
}
