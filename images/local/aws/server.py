"""moto's server with a memory: a change is on disk before its answer leaves, and is back after a restart.

Who may ask at all is wall.py's to say.
"""

import io
import logging
import os
import re
import signal
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple
from werkzeug.wsgi import get_input_stream

from state import State, say
from wall import Walled

READING = re.compile(r"\.(Get|List|Describe|BatchGet)\w*$")
SERVICES = {"AmazonSSM": "ssm", "secretsmanager": "secretsmanager"}


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


class Remembering:
    """A WSGI application around moto's: one request at a time; after a change that worked, saves, and only then answers.

    moto guards none of its tables: of two requests at once one may end with "dictionary changed size during iteration".
    """

    def __init__(self, application, state):
        self.application = application
        self.state = state
        self.turn = threading.Lock()

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/_health":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"ok\n"]
        # Before its turn: whoever sends slowly keeps nobody waiting.
        environ["wsgi.input"] = io.BytesIO(get_input_stream(environ).read())
        with self.turn:
            return self.answer(environ, start_response)

    def answer(self, environ, start_response):
        heads = []
        body = b"".join(self.application(environ, lambda *head: heads.append(head)))
        if heads[-1][0].startswith("2"):
            try:
                for service in changed_services(environ):
                    self.state.save(service)
            except OSError as error:
                say(f"the change was made but cannot be kept: {error}")
                start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
                return [b"the state folder cannot be written\n"]
        start_response(*heads[-1])
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
    run_simple("0.0.0.0", 4566, Walled(Remembering(application, state)), threaded=True)


if __name__ == "__main__":
    main()
