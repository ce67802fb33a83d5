import { shopLink } from "../language.ts";
import { type Letter, writeLetter } from "../letter.ts";
import { day, greeting, type Sheet, say } from "./wording.ts";

export function welcome(firstName: string | undefined, sheet: Sheet): Letter {
  const { language, shop, shopUrl } = sheet;
  return writeLetter({
    language,
    subject: say(language, "welcomeSubject", { shop }),
    title: shop,
    parts: [
      greeting(language, firstName),
      say(language, "welcome"),
      { link: say(language, "welcomeLink"), to: shopLink(shopUrl, language, "/account") },
    ],
  });
}

type Reset = { token: string; isStaff: boolean };

export function passwordReset({ token, isStaff }: Reset, sheet: Sheet): Letter {
  const { language, shop, shopUrl } = sheet;
  const query = `?token=${encodeURIComponent(token)}`;
  return writeLetter({
    language,
    subject: say(language, "resetSubject", { shop }),
    title: shop,
    parts: [
      greeting(language, undefined),
      say(language, "reset"),
      {
        link: say(language, "resetLink"),
        to: isStaff
          ? `${shopUrl}/app/reset-password${query}`
          : shopLink(shopUrl, language, `/account/password${query}`),
      },
      say(language, "resetUntil"),
    ],
  });
}

type Invitation = { token: string; expiresAt: string | Date };

export function invitation({ token, expiresAt }: Invitation, sheet: Sheet): Letter {
  const { language, shop, shopUrl } = sheet;
  return writeLetter({
    language,
    subject: say(language, "inviteSubject", { shop }),
    title: shop,
    parts: [
      greeting(language, undefined),
      say(language, "invite", { shop }),
      { link: say(language, "inviteLink"), to: `${shopUrl}/app/invite?token=${encodeURIComponent(token)}` },
      say(language, "inviteUntil", { date: day(language, expiresAt) }),
    ],
  });
}
