import type { ReactNode } from "react";
import { useTexts } from "./frame.tsx";
import { ShopForm, ShopLink } from "./shop-link.tsx";
import { TextField } from "./text-field.tsx";

export function LoginForm({ notice }: { notice: ReactNode }) {
  const texts = useTexts();
  const empty = { value: "", problem: undefined, required: true };
  return (
    <>
      <h1>{texts.account}</h1>
      {notice}
      <div className="account-parts">
        <section className="panel" aria-labelledby="login">
          <h2 id="login">{texts.haveAccount}</h2>
          <ShopForm className="form" action="/api/account/login">
            <TextField {...empty} name="email" label={texts.email} type="email" autoComplete="username" />
            <TextField
              {...empty}
              name="password"
              label={texts.password}
              type="password"
              autoComplete="current-password"
            />
            <button className="button" type="submit">
              {texts.logIn}
            </button>
            <ShopLink href="/account/forgotten">{texts.forgotten}</ShopLink>
          </ShopForm>
        </section>
        <section className="panel" aria-labelledby="new">
          <h2 id="new">{texts.register}</h2>
          <p>{texts.registerText}</p>
          <p>
            <ShopLink className="button button-quiet" href="/account/register">
              {texts.register}
            </ShopLink>
          </p>
        </section>
        <section className="panel" aria-labelledby="find">
          <h2 id="find">{texts.findOrder}</h2>
          <p>{texts.findOrderText}</p>
          <p>
            <ShopLink className="button button-quiet" href="/order">
              {texts.findOrder}
            </ShopLink>
          </p>
        </section>
      </div>
    </>
  );
}
