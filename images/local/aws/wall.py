"""Who may ask: programs that sign with this world's keys, and anyone for a public picture; never a web page.

The keys come in the environment. Without any, every signature is good: so tests use this server. A page of a browser is
told by the headers that scripts cannot leave out, and gets no answer in either case.
"""

import datetime
import hashlib
import hmac
import io
import os
import re
from urllib.parse import quote, unquote

PUBLIC_PATH = re.compile(r"^/(?P<bucket>[a-z0-9][a-z0-9.-]{2,62})/.+")
AUTHORIZATION = re.compile(
    r"^AWS4-HMAC-SHA256 +Credential=(?P<key>[^/, ]+)/(?P<date>\d{8})/(?P<region>[\w-]+)/(?P<service>[\w-]+)/aws4_request, *"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+), *Signature=(?P<signature>[0-9a-f]{64})$"
)
HOSTS = re.compile(r"^(localhost|127\.0\.0\.1|\[::1\]|aws)(:\d+)?$", re.IGNORECASE)
OF_PAGES = ("HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE", "HTTP_ACCESS_CONTROL_REQUEST_METHOD")
# Paths that moto takes for itself, whatever they are asked as.
NO_BUCKETS = ("moto-api", "latest")
SKEW = datetime.timedelta(minutes=15)
# Only what carries no hash of its body is read here, and that is small.
BODY_LIMIT = 1 << 20
ANONYMOUS = "AWS4-HMAC-SHA256 Credential=anonymous/20250101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none"


class Refused(Exception):
    """A request that gets 403, and why, in the words of AWS."""


def is_public_read(environ):
    """A plain read of one object, as through R2's public domain; "private" in a bucket's name keeps it closed."""
    path = PUBLIC_PATH.match(environ["PATH_INFO"])
    steps = environ["PATH_INFO"].split("/")
    signed = environ.get("HTTP_AUTHORIZATION", "").startswith("AWS4-") or "X-Amz-" in environ.get("QUERY_STRING", "")
    return (
        environ["REQUEST_METHOD"] in ("GET", "HEAD") and path is not None and "private" not in path["bucket"]
        and path["bucket"] not in NO_BUCKETS
        and not signed and ".." not in steps and "." not in steps
    )


def as_public_read(environ):
    """Nothing a stranger sent beside the path decides: no query, no page's headers, no name of a host."""
    for name in (*OF_PAGES, "HTTP_X_AMZ_TARGET"):
        environ.pop(name, None)
    environ.update(HTTP_AUTHORIZATION=ANONYMOUS, QUERY_STRING="", HTTP_HOST="aws:4566")
    # Nor does a body: a reader has none to send, and a stranger's could fill the memory.
    for name in ("HTTP_TRANSFER_ENCODING", "wsgi.input_terminated"):
        environ.pop(name, None)
    environ.update({"CONTENT_LENGTH": "0", "wsgi.input": io.BytesIO()})


def keys_from(environment):
    """The operator's key for everything, and that of the shop's pictures for S3."""
    found = {}
    for prefix, services in (("GREENLEAF", None), ("GREENLEAF_MEDIA", ("s3",))):
        key, secret = environment.get(f"{prefix}_ACCESS_KEY_ID"), environment.get(f"{prefix}_SECRET_ACCESS_KEY")
        if key and secret:
            found[key] = (secret, services)
    return found


class Wall:
    def __init__(self, keys):
        self.keys = keys

    def check(self, environ):
        """Raises Refused, or returns and may have prepared the request for moto."""
        if is_public_read(environ):
            return as_public_read(environ)
        if environ["REQUEST_METHOD"] == "OPTIONS" or any(name in environ for name in OF_PAGES):
            raise Refused("AccessDenied", "web pages get no answer")
        if not self.keys:
            return None
        if not HOSTS.match(environ.get("HTTP_HOST", "")):
            raise Refused("AccessDenied", "ask for localhost")
        return self.check_signature(environ)

    def check_signature(self, environ):
        query = [part.partition("=")[::2] for part in environ.get("QUERY_STRING", "").split("&") if part]
        query = [(unquote(name), unquote(value)) for name, value in query]
        given = AUTHORIZATION.match(environ.get("HTTP_AUTHORIZATION", "")) or presigned(dict(query))
        if given is None:
            raise Refused("MissingAuthenticationToken", "the request is not signed")
        secret, services = self.keys.get(given["key"], (None, ()))
        if secret is None:
            raise Refused("InvalidAccessKeyId", "the key is not of this world")
        if services is not None and given["service"] not in services:
            raise Refused("AccessDenied", "the key is not for this service")
        time = given["time"] if isinstance(given, dict) else environ.get("HTTP_X_AMZ_DATE", "")
        check_time(time, given)
        canonical = canonical_request(environ, query, given)
        if not hmac.compare_digest(signature(secret, time, given, canonical), given["signature"]):
            raise Refused("SignatureDoesNotMatch", "the signature is not that of the key")


def presigned(query):
    """The fields of a signature in the query, under the names the header has them by."""
    text = (
        f"{query.get('X-Amz-Algorithm')} Credential={query.get('X-Amz-Credential')}, "
        f"SignedHeaders={query.get('X-Amz-SignedHeaders')}, Signature={query.get('X-Amz-Signature')}"
    )
    found = AUTHORIZATION.match(text)
    expires = query.get("X-Amz-Expires", "")
    if found is None or not expires.isdecimal():
        return None
    return {**found.groupdict(), "time": query.get("X-Amz-Date", ""), "expires": min(int(expires), 7 * 86_400)}


def check_time(text, given):
    try:
        time = datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        raise Refused("AccessDenied", "the request has no X-Amz-Date") from None
    now = datetime.datetime.now(datetime.timezone.utc)
    lasts = datetime.timedelta(seconds=given["expires"]) if isinstance(given, dict) else SKEW
    if not time - SKEW <= now <= time + lasts or not text.startswith(given["date"]):
        raise Refused("RequestTimeTooSkewed", "the request is too old, or not yet good")


def canonical_request(environ, query, given):
    path = environ.get("RAW_URI", "/").partition("?")[0] or "/"
    # S3 signs the path as it is sent, every other service encodes it once more.
    path = path if given["service"] == "s3" else quote(path, safe="/-_.~")
    pairs = sorted((quote(n, safe="-_.~"), quote(v, safe="-_.~")) for n, v in query if n != "X-Amz-Signature")
    names = given["headers"].split(";")
    if "host" not in names:
        raise Refused("SignatureDoesNotMatch", "the host is not signed")
    headers = "".join(f"{name}:{' '.join(header(environ, name).split())}\n" for name in names)
    parts = [environ["REQUEST_METHOD"], path, "&".join(f"{n}={v}" for n, v in pairs), headers, given["headers"]]
    return "\n".join([*parts, payload_hash(environ, given)])


def header(environ, name):
    variable = name.upper().replace("-", "_")
    return environ.get(variable if variable in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{variable}", "")


def payload_hash(environ, given):
    if isinstance(given, dict):
        return "UNSIGNED-PAYLOAD" if given["service"] == "s3" else hashlib.sha256(b"").hexdigest()
    if environ.get("HTTP_X_AMZ_CONTENT_SHA256"):
        return environ["HTTP_X_AMZ_CONTENT_SHA256"]
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > BODY_LIMIT:
        raise Refused("AccessDenied", "a body of this size says its hash")
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    return hashlib.sha256(body).hexdigest()


def signature(secret, time, given, canonical):
    key = f"AWS4{secret}".encode()
    for part in (given["date"], given["region"], given["service"], "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    scope = f"{given['date']}/{given['region']}/{given['service']}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", time, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class Walled:
    """A WSGI application behind the wall; no answer of it lets a page of another origin read it."""

    def __init__(self, application, keys=None):
        self.application = application
        self.wall = Wall(keys_from(os.environ) if keys is None else keys)

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/_health":
            return self.application(environ, start_response)
        try:
            self.wall.check(environ)
        except Refused as refused:
            return refuse(environ, start_response, *refused.args)

        def without_sharing(status, headers, *rest):
            kept = [(name, value) for name, value in headers if not name.lower().startswith("access-control-")]
            return start_response(status, kept, *rest)

        return self.application(environ, without_sharing)


def refuse(environ, start_response, code, message):
    is_json = "HTTP_X_AMZ_TARGET" in environ
    kind = "application/x-amz-json-1.1" if is_json else "application/xml"
    body = f'{{"__type":"{code}","message":"{message}"}}' if is_json else (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    )
    start_response("403 Forbidden", [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body.encode()]
