"""`{% load trade %}`: the numbers of vendors and orders as links to their pages."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..models import Invoice, Receipt
from ..selectors import orders

register = template.Library()


@register.simple_tag
def vendor_link(vendor_id: str, words: str = "") -> SafeString:
    """The vendor with this number as a link; where no address can be made of it, the words alone."""
    return _link("coordination:vendor", vendor_id, words or vendor_id)


@register.simple_tag
def order_link(number: str, words: str = "") -> SafeString:
    """The order with this number, which there is, as a link."""
    return _link("coordination:order", number, words or number)


@register.simple_tag
def named_order(number: str, known: Mapping[str, str]) -> SafeString:
    """An order as a document names it: a link where there is such an order."""
    return _link("coordination:order", known.get(number, ""), number)


@register.simple_tag
def known_orders(invoice: Invoice) -> dict[str, str]:
    """The orders that an invoice names, each with the number that it goes by; those that there are."""
    return orders.known(invoice.order_numbers)


@register.simple_tag
def arrived_for(invoice: Invoice) -> list[Receipt]:
    """The receipts of the orders that an invoice names."""
    return orders.arrived_for(invoice)


def _link(name: str, number: str, words: str) -> SafeString:
    try:
        address = reverse(name, args=[number]) if number else ""
    except NoReverseMatch:  # a number of several lines
        address = ""
    return format_html('<a href="{}">{}</a>', address, words) if address else format_html("{}", words)
