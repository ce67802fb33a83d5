export function SiteFooter({ title }: { title: string }) {
  return (
    <footer className="site-footer">
      <div className="wrap">
        <p>
          <strong>{title}</strong>
          <br />
          House plants, grown slowly and sent with care.
        </p>
        <p>
          All prices include VAT.
          <br />
          Delivery is added at checkout.
        </p>
      </div>
    </footer>
  );
}
