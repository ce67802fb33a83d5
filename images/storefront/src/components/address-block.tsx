import { countryName } from "../language/language.ts";
import type { Address } from "../store/types.ts";
import { useLanguage } from "./frame.tsx";

export function AddressBlock({ email, address }: { email: string | null; address: Address | null | undefined }) {
  const language = useLanguage();
  const lines = [
    [address?.first_name, address?.last_name],
    [address?.address_1],
    [address?.address_2],
    [address?.postal_code, address?.city],
    [address?.country_code ? countryName(language, address.country_code) : ""],
    [address?.phone],
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
