"""Vendors, orders and goods receipts, to be looked up: nothing is changed here."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reviews.access import hidden_kinds, requires
from reviews.pages import answer

from .. import rights
from ..selectors import orders as read_orders
from ..selectors import vendors as read
from .fetch import order_for, receipt_for, vendor_for
from .filter_forms import VendorFilterForm


def vendors(request: HttpRequest) -> HttpResponse:
    """All vendors by name, or those that a text finds."""
    asked = VendorFilterForm.accept(request.GET).cleaned_data
    filters = read.Filters(asked["q"], asked["page"])
    context = {"page": read.page(filters), "filters": filters}
    return answer(request, "coordination/vendors.html", "coordination/_vendors.html", context)


@require_safe
@requires(rights.READ_AUDIT)
def vendor(request: HttpRequest, vendor_id: str) -> HttpResponse:
    """One vendor: master data, accounts, and what there is of it."""
    found = vendor_for(request.user, vendor_id)
    context = {"detail": read.detail(found, hidden_kinds(request.user)), "vendor": found}
    return answer(request, "coordination/vendor.html", "coordination/_vendor.html", context)


@require_safe
@requires(rights.READ_AUDIT)
def order(request: HttpRequest, order_number: str) -> HttpResponse:
    """One order, line by line."""
    found = order_for(request.user, order_number)
    return render(request, "coordination/order.html", {"detail": read_orders.detail(found), "order": found})


@require_safe
@requires(rights.READ_AUDIT)
def receipt(request: HttpRequest, receipt_id: UUID) -> HttpResponse:
    """One goods receipt or despatch advice."""
    found = receipt_for(request.user, receipt_id)
    context = {"detail": read_orders.receipt_detail(found), "receipt": found}
    return render(request, "coordination/receipt.html", context)
