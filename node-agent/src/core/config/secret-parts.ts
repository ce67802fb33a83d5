/** The value and what in it is a secret of its own: a program may print only the password of a URL it was given. */
export function secretParts(value: string): string[] {
  return [value, ...urlParts(value), ...settingParts(value), ...jsonParts(value)];
}

/** User and password of URLs, as they stand there and decoded. */
function urlParts(value: string): string[] {
  return [...value.matchAll(/:\/\/([^\s/?#]*)@/g)].flatMap(([, userinfo = ""]) => {
    const colon = userinfo.indexOf(":");
    const parts = colon < 0 ? [userinfo] : [userinfo.slice(0, colon), userinfo.slice(colon + 1)];
    return parts.flatMap((part) => [part, percentDecoded(part)]);
  });
}

/** `password=...` as connection strings and URL queries write it. */
function settingParts(value: string): string[] {
  const settings =
    /(?:pass(?:word|wd)?|pwd|secret|token|key|credentials?|signature)\s*=\s*('[^']*'|"[^"]*"|[^\s;&,'"]+)/gi;
  return [...value.matchAll(settings)].flatMap(([, given = ""]) => {
    const bare = /^["']/.test(given) ? given.slice(1, -1) : given;
    return [bare, percentDecoded(bare)];
  });
}

function jsonParts(value: string): string[] {
  if (!/^\s*[[{]/.test(value)) return [];
  const leaves: string[] = [];
  try {
    JSON.parse(value, (_, found: unknown) => {
      if (typeof found === "string" || typeof found === "number") leaves.push(String(found));
      return found;
    });
  } catch {
    // It only looked like JSON.
    return [];
  }
  return leaves;
}

export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that encodes nothing: the text was not encoded.
    return text;
  }
}
