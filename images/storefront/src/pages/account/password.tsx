import type { PageConfig } from "next";
import { useTexts } from "../../components/frame.tsx";
import { Notice } from "../../components/notice.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { ShopForm } from "../../components/shop-link.tsx";
import { TextField } from "../../components/text-field.tsx";
import { readToken } from "../../shop/account-form.ts";
import { shopPage } from "../../shop/shop-page.ts";

// Plain HTML: nothing on this page needs a script, so Next leaves out its 190 kB of them.
export const config: PageConfig = { unstable_runtimeJS: false };

interface PasswordProps {
  readonly token: string;
  readonly notice: string | null;
}

/** Where the link of a mail leads. Whether its token is good is said when it is used: looking must not use it up. */
export const getServerSideProps = shopPage<PasswordProps>(async ({ asked }) => {
  const token = readToken(asked("token"));
  if (token === undefined) return { goTo: "/account/forgotten?notice=reset-over" };
  return { props: { token, notice: asked("notice") ?? null } };
});

export default function PasswordPage({ token, notice }: PasswordProps) {
  const texts = useTexts();
  const empty = { value: "", problem: undefined, required: true };
  return (
    <div className="wrap">
      <PageHead title={texts.resetTitle} hidden />
      <div className="narrow">
        <h1>{texts.resetTitle}</h1>
        <Notice name={notice} />
        <ShopForm className="form" action="/api/account/password">
          <input type="hidden" name="token" value={token} />
          <TextField
            {...empty}
            name="password"
            label={texts.newPassword}
            type="password"
            autoComplete="new-password"
            minLength={8}
          />
          <button className="button" type="submit">
            {texts.resetSave}
          </button>
        </ShopForm>
      </div>
    </div>
  );
}
