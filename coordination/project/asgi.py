"""ASGI entry point: pages over HTTP, announcements over the socket."""

import gc
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.project.settings")
# Each request has a thread of its own; a pool bounds their connections. It is the web server's alone: what
# else this process starts, or sets up from its environment, keeps to what was asked for.
_asked = os.environ.get("COUNTERSIGN_POOL")
os.environ["COUNTERSIGN_POOL"] = _asked or "20"
django.setup(set_prefix=False)  # the imports below need it
if _asked is None:
    del os.environ["COUNTERSIGN_POOL"]

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.sessions import SessionMiddlewareStack  # noqa: E402
from django.core.handlers.asgi import ASGIHandler  # noqa: E402

from ..live.origin import SameOrigin  # noqa: E402
from ..live.routing import websocket_urlpatterns  # noqa: E402
from . import bodies  # noqa: E402

bodies.install()  # before the web server takes the first connection
application = ProtocolTypeRouter(
    {
        "http": ASGIHandler(),
        "websocket": SameOrigin(SessionMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
# What is loaded stays: a collection that looked at it would add a tenth of a second to somebody's page.
gc.collect()
gc.freeze()
