import type { Address } from "../store/types.ts";

export function AddressBlock({ email, address }: { email: string | null; address: Address | null }) {
  const lines = [
    [address?.first_name, address?.last_name],
    [address?.address_1],
    [address?.address_2],
    [address?.postal_code, address?.city],
    [address?.country_code?.toUpperCase()],
    [email],
  ]
    .map((words) => words.filter(Boolean).join(" "))
    .filter((line) => line !== "");
  return (
    <address>
      {lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </address>
  );
}
