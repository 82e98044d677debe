"""Whether an address, or who sent a request, is this machine."""

from __future__ import annotations

from ipaddress import ip_address

from django.http import HttpRequest


def is_loopback(address: str) -> bool:
    """Tell whether an address to listen on is reached from this machine only."""
    if address == "localhost":
        return True
    try:
        found = ip_address(address.strip("[]"))
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def from_here(request: HttpRequest) -> bool:
    """Tell whether the request was sent on this machine; one that a proxy passed on was not."""
    passed_on = any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_VIA"))
    return not passed_on and is_loopback(request.META.get("REMOTE_ADDR", ""))
