import type { NextPageContext, PageConfig } from "next";
import { Message } from "../components/message.tsx";
import { PageHead } from "../components/page-head.tsx";
import { type FramedProps, frameOf } from "../shop/shop-page.ts";

export const config: PageConfig = { unstable_runtimeJS: false };

interface ErrorProps {
  readonly status: number;
}

/** For 404 and for what nobody foresaw. Made at each request, because the shop's title is not known at build. */
export default function ErrorPage({ status }: ErrorProps) {
  return status === 404 ? (
    <>
      <PageHead title="Not found" hidden />
      <Message title="Nothing grows here" way={{ href: "/", text: "See all plants" }}>
        This page does not exist, or the plant has left the shop.
      </Message>
    </>
  ) : (
    <>
      <PageHead title="Something went wrong" hidden />
      <Message title="Something went wrong" way={{ href: "", text: "Try again" }}>
        It is our fault, not yours, and your cart is safe. Please try again.
      </Message>
    </>
  );
}

ErrorPage.getInitialProps = ({ req, res, err }: NextPageContext): FramedProps<ErrorProps> => {
  const cookies = (req as { cookies?: Record<string, string> } | undefined)?.cookies ?? {};
  return { frame: frameOf(cookies), page: { status: res?.statusCode ?? err?.statusCode ?? 500 } };
};
