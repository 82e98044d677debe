"""ASGI entry point: pages over HTTP, announcements over the socket."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.project.settings")
# Each request has a thread of its own; a pool bounds their connections.
os.environ.setdefault("COUNTERSIGN_POOL", "20")

import django

django.setup(set_prefix=False)  # the imports below need it

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
