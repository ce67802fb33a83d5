"""moto's server with a memory: a change is on disk before its answer leaves, and is back after a restart.

Anyone may read the objects of a bucket, as through R2's public domain, unless "private" is part of its name.
"""

import logging
import os
import re
import signal
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

from state import State, say

READING = re.compile(r"\.(Get|List|Describe|BatchGet)\w*$")
SERVICES = {"AmazonSSM": "ssm", "secretsmanager": "secretsmanager"}
OBJECT_PATH = re.compile(r"^/(?P<bucket>[a-z0-9][a-z0-9.-]{2,62})/.+")
ANONYMOUS = "AWS4-HMAC-SHA256 Credential=anonymous/20250101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none"


def changed_services(environ):
    """The services whose state this request may change."""
    if environ["PATH_INFO"].startswith("/moto-api/"):
        return ["ssm", "secretsmanager", "s3"] if environ["REQUEST_METHOD"] == "POST" else []
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        service = SERVICES.get(target.split(".")[0])
        return [] if service is None or READING.search(target) else [service]
    scope = re.search(r"/(\w+)/aws4_request", environ.get("HTTP_AUTHORIZATION", ""))
    is_s3 = scope is None or scope[1] == "s3"
    return ["s3"] if is_s3 and environ["REQUEST_METHOD"] in ("PUT", "POST", "DELETE") else []


def let_anyone_read(environ):
    """moto refuses objects without an ACL to a request without a signature; R2's public domain serves them."""
    path = OBJECT_PATH.match(environ["PATH_INFO"])
    is_plain_read = environ["REQUEST_METHOD"] in ("GET", "HEAD") and not environ.get("QUERY_STRING")
    if path and is_plain_read and "HTTP_AUTHORIZATION" not in environ and "private" not in path["bucket"]:
        environ["HTTP_AUTHORIZATION"] = ANONYMOUS


class Remembering:
    """A WSGI application around moto's: after a change that worked, saves, and only then answers."""

    def __init__(self, application, state):
        self.application = application
        self.state = state
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/_health":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"ok\n"]
        services = changed_services(environ)
        if not services:
            let_anyone_read(environ)
            return self.application(environ, start_response)
        return self.change(services, environ, start_response)

    def change(self, services, environ, start_response):
        answer = []
        body = b"".join(self.application(environ, lambda *head: answer.append(head)))
        if answer[0][0].startswith("2"):
            try:
                with self.lock:
                    for service in services:
                        self.state.save(service)
            except OSError as error:
                say(f"the change was made but cannot be kept: {error}")
                start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
                return [b"the state folder cannot be written\n"]
        start_response(*answer[0])
        return [body]


def main():
    # Failures only: what moto does not implement shows here, request lines do not.
    logging.basicConfig(level=logging.ERROR)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    state = State(os.environ.get("GREENLEAF_STATE", "/state"))
    state.restore()
    application = DomainDispatcherApplication(create_backend_app)
    say("ready on port 4566")
    run_simple("0.0.0.0", 4566, Remembering(application, state), threaded=True)


main()
