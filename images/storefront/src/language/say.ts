/** A text with its `{names}` replaced; what is not given stays visible, so that a slip is seen. */
export function say(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** One text for one thing, another for none or several. */
export function sayCount(one: string, many: string, count: number): string {
  return say(count === 1 ? one : many, { count });
}
