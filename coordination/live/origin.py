"""Which site may open a socket here: this one only, by scheme, name and port, as Django judges a form's
origin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

PORTS = {"http": ":80", "https": ":443"}


class SameOrigin:
    """Browsers let any site open a socket here with our cookies, so the origin is checked before all else."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        answers = self.application if same_origin(scope) else WebsocketDenier()
        return await answers(scope, receive, send)


def same_origin(scope: Mapping[str, Any]) -> bool:
    """Tell whether the page that opens the socket is one of this site. No origin is a foreign one."""
    headers = [(name.lower(), value.decode("latin1").lower()) for name, value in scope.get("headers", ())]
    origins = [value for name, value in headers if name == b"origin"]
    hosts = [value for name, value in headers if name == b"host"]
    if len(origins) != 1 or len(hosts) != 1:
        return False
    domain, _ = split_domain_port(hosts[0])
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return False
    scheme = _scheme(scope, dict(headers))
    return _plain(origins[0], scheme) == f"{scheme}://{_plain(hosts[0], scheme)}"


def _scheme(scope: Mapping[str, Any], headers: Mapping[bytes, str]) -> str:
    """The scheme of the page; behind a proxy that ends TLS, the one that it says."""
    proxy = settings.SECURE_PROXY_SSL_HEADER
    if proxy is not None:
        name = proxy[0].removeprefix("HTTP_").replace("_", "-").lower().encode()
        return "https" if headers.get(name, "").partition(",")[0].strip() == proxy[1] else "http"
    return "https" if scope.get("scheme") == "wss" else "http"


def _plain(address: str, scheme: str) -> str:
    return address.removesuffix(PORTS[scheme])
