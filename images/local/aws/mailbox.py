"""The mailbox of the local world: takes every letter that the shop sends, keeps the last ones, and shows them.

SMTP with STARTTLS and a login on port 1025, for the shop alone; a page on port 8025, for browsers of this machine. A
letter may hold a link that opens an account, so a page of somebody else's name gets no answer (DNS rebinding).
"""

import collections
import email
import email.policy
import hmac
import html
import http.server
import json
import os
import re
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

TLS = "/etc/greenleaf/tls"
SMTP_PORT = 1025
PAGE_PORT = 8025
MOST_LETTERS = 500
MOST_BYTES = 1 << 20
HOSTS = re.compile(r"^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$", re.IGNORECASE)
LINK = re.compile(r"https?://[^\s<>\"']+")
NO_SCRIPTS = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Mailbox ({count})</title><meta name="viewport" content="width=device-width">
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem }}
article {{ border: 1px solid #8884; border-radius: 8px; padding: 0 1rem; margin: 1rem 0 }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font: inherit }}
</style></head>
<body><h1>Mailbox</h1>
<p>What the shop has sent, the newest first. Nothing leaves this machine.</p>
{letters}
</body></html>
"""
LETTER = """<article id="letter-{number}"><h2>{subject}</h2>
<p>To {to}, {date} · <a href="/letters/{number}.html">as HTML</a></p>
<pre>{text}</pre></article>"""


class Letters:
    """The last letters, in memory: they go with their container."""

    def __init__(self):
        self.count = 0
        self.kept = collections.deque(maxlen=MOST_LETTERS)

    async def handle_DATA(self, _server, _session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.count += 1
        self.kept.append({
            "number": self.count,
            "to": envelope.rcpt_tos,
            **{name: str(message.get(name, "")) for name in ("from", "subject", "date", "message-id")},
            "text": part(message, "plain"),
            "html": part(message, "html"),
        })
        return "250 kept"


def part(message, kind):
    body = message.get_body((kind,))
    return "" if body is None else body.get_content()


def authenticator(environment):
    user, password = (environment[f"MAILBOX_{name}"].encode() for name in ("USER", "PASSWORD"))

    def judge(_server, _session, _envelope, _mechanism, given):
        is_login = isinstance(given, LoginPassword)
        right = is_login and hmac.compare_digest(given.login, user) and hmac.compare_digest(given.password, password)
        return AuthResult(success=True) if right else AuthResult(success=False, handled=False)

    return judge


def linked(text):
    """Escaped, with its links to be followed."""
    found = [(match.start(), match.end()) for match in LINK.finditer(text)]
    pieces, at = [], 0
    for start, end in found:
        link = html.escape(text[start:end])
        pieces += [html.escape(text[at:start]), f'<a rel="noreferrer" href="{link}">{link}</a>']
        at = end
    return "".join([*pieces, html.escape(text[at:])])


def page(letters):
    shown = [
        LETTER.format(
            number=letter["number"],
            subject=html.escape(letter["subject"]),
            to=html.escape(", ".join(letter["to"])),
            date=html.escape(letter["date"]),
            text=linked(letter["text"]),
        )
        for letter in reversed(letters)
    ]
    return PAGE.format(count=len(letters), letters="\n".join(shown) or "<p>No letters yet.</p>")


def answer_for(path, letters):
    """Status, type and text of what is at a path."""
    number = re.fullmatch(r"/letters/(\d{1,9})\.html", path)
    if path == "/":
        return 200, "text/html; charset=utf-8", page(letters)
    if path == "/letters.json":
        return 200, "application/json", json.dumps(letters)
    # Without a body: who asks for it does not wait for one.
    if path == "/health":
        return 204, "text/plain; charset=utf-8", ""
    for letter in letters:
        if number is not None and letter["number"] == int(number[1]):
            return 200, "text/html; charset=utf-8", letter["html"]
    return 404, "text/plain; charset=utf-8", "there is nothing here\n"


def page_handler(letters):
    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = 10
        protocol_version = "HTTP/1.1"
        server_version, sys_version = "mailbox", ""

        def do_GET(self):
            refused = (403, "text/plain; charset=utf-8", "ask for localhost\n")
            is_known = HOSTS.match(self.headers.get("Host", ""))
            status, kind, text = answer_for(self.path.partition("?")[0], list(letters.kept)) if is_known else refused
            body = text.encode()
            self.send_response(status)
            for name, value in (
                ("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"),
                ("Content-Security-Policy", f"{NO_SCRIPTS}; sandbox allow-popups allow-top-navigation-by-user-activation"),
                ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
            ):
                self.send_header(name, value)
            self.end_headers()
            if body:
                self.wfile.write(body)

        def log_message(self, *_):
            """Its health is asked every two seconds."""

    return Handler


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(f"{TLS}/server.crt", f"{TLS}/server.key")
        judge = authenticator(os.environ)
    except (OSError, KeyError) as error:
        sys.stderr.write(
            "error: the mailbox does not start\n"
            f"why:   {error!r}\n"
            f"fix:   mount {TLS}, readable by this user, and set MAILBOX_USER and MAILBOX_PASSWORD\n"
        )
        sys.exit(78)
    letters = Letters()
    Controller(
        letters, hostname="0.0.0.0", port=SMTP_PORT, tls_context=context, require_starttls=True,
        auth_required=True, authenticator=judge, data_size_limit=MOST_BYTES, ident="mailbox",
        # A busy machine may take its time.
        ready_timeout=60,
    ).start()
    http.server.ThreadingHTTPServer(("0.0.0.0", PAGE_PORT), page_handler(letters)).serve_forever()


if __name__ == "__main__":
    main()
