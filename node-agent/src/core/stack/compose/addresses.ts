const BYTE = /^(0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/i;

/** An IPv4 or IPv6 address in the form Go reads: no leading zeros, no zone. */
export const isAddress = (text: string): boolean => isIpv4(text) || isIpv6(text);

export function isIpv4(text: string): boolean {
  const bytes = text.split(".");
  return bytes.length === 4 && bytes.every((byte) => BYTE.test(byte) && Number(byte) <= 255);
}

export function isIpv6(text: string): boolean {
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0 || (tail === undefined && text === "")) return false;
  const groups = [...groupsOf(head, tail === undefined), ...(tail === undefined ? [] : groupsOf(tail, true))];
  if (!groups.every((group) => GROUP.test(group))) return false;
  return tail === undefined ? groups.length === 8 : groups.length <= 7;
}

// The last 32 bits may be written as IPv4: that is two groups.
function groupsOf(text: string, isLast: boolean): string[] {
  if (text === "") return [];
  const groups = text.split(":");
  const last = groups.at(-1) ?? "";
  return isLast && last.includes(".") ? [...groups.slice(0, -1), ...(isIpv4(last) ? ["0", "0"] : ["bad"])] : groups;
}

/** An address and the length of its prefix, as in `10.0.0.0/24`. */
export function isSubnet(text: string): boolean {
  const [address = "", length = "", ...more] = text.split("/");
  if (more.length > 0 || !BYTE.test(length)) return false;
  return (isIpv4(address) && Number(length) <= 32) || (isIpv6(address) && Number(length) <= 128);
}

/** Whether a subnet has this address in it; of IPv6 only the family is looked at. */
export function isWithinSubnet(address: string, subnet: string): boolean {
  const [first = "", length = ""] = subnet.split("/");
  if (!isIpv4(address) || !isIpv4(first)) return isIpv4(address) === isIpv4(first);
  const size = 2 ** (32 - Number(length));
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(first) / size);
}

const numberOf = (ipv4: string): number => ipv4.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
