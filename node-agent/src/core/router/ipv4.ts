/** An IPv4 address as the number it is, to be compared and counted with. */
export const ipv4Number = (address: string): number =>
  address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

export const ipv4Text = (number: number): string => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");

/** The first address of a range such as `10.0.10.7/24`, host bits cleared; an address alone is a range of one. */
export function firstOf(range: string): number {
  const [address = "", length = "32"] = range.split("/");
  const size = 2 ** (32 - Number(length));
  return Math.floor(ipv4Number(address) / size) * size;
}
