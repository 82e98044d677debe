"""Names and goods of the made-up trade. No company here exists; accounts are made from published sample bank
codes."""

from __future__ import annotations

from typing import NamedTuple


class Company(NamedTuple):
    """A vendor: name, country, currency, payment terms, goods."""

    name: str
    country: str
    currency: str
    terms: str
    goods: str


class Item(NamedTuple):
    """An article: code, description, unit, price in EUR."""

    code: str
    description: str
    unit: str
    price: str


COMPANIES: tuple[Company, ...] = (
    Company("Hartmann Fördertechnik GmbH", "DE", "EUR", "2/10 net 30", "conveyor"),
    Company("Svea Emballage AB", "SE", "SEK", "net 30", "packaging"),
    Company("Kvarnby Stål AB", "SE", "SEK", "net 30", "steel"),
    Company("Elektro Pichler GmbH", "AT", "EUR", "net 14", "electrical"),
    Company("Nordlys Komponenter A/S", "DK", "DKK", "net 30", "electrical"),
    Company("Officine Brambilla S.r.l.", "IT", "EUR", "net 60", "machined"),
    Company("Van der Velde Logistics B.V.", "NL", "EUR", "net 14", "service"),
    Company("Ateliers Roche & Fils SAS", "FR", "EUR", "net 45", "machined"),
    Company("Textiles Aldabra S.L.", "ES", "EUR", "net 30", "textile"),
    Company("Lumière Signalétique SARL", "FR", "EUR", "3/10 net 30", "electrical"),
    Company("Drukarnia Pod Lipami Sp. z o.o.", "PL", "EUR", "net 21", "packaging"),
    Company("Bergström Hydraulik AB", "SE", "EUR", "2/10 net 30", "conveyor"),
    Company("Kestrel Office Supplies Ltd", "IE", "EUR", "net 30", "office"),
    Company("Papierhaus Ostwind KG", "DE", "EUR", "2/14 net 30", "office"),
    Company("Metalúrgica Duero S.A.", "ES", "EUR", "net 60", "steel"),
    Company("Havngade Renhold ApS", "DK", "EUR", "net 14", "service"),
    Company("Schreiner & Vogt OHG", "DE", "EUR", "net 30", "machined"),
    Company("Tessitura Valbruna S.p.A.", "IT", "EUR", "net 45", "textile"),
)

BLOCKED: tuple[Company, ...] = (
    Company("Ferramenta Quattro Venti S.r.l.", "IT", "EUR", "net 30", "machined"),
    Company("Tarn Valley Packaging Ltd", "IE", "EUR", "net 30", "packaging"),
)
"""Vendors that we have blocked."""

INVALID: tuple[Company, ...] = (
    Company("Blechwerk Unterau GmbH", "DE", "EUR", "net 30", "steel"),
    Company("Linnéa Städservice AB", "SE", "EUR", "net 14", "office"),
)
"""Vendors whose VAT id in our list has not the form of its country."""

MOVING: tuple[Company, ...] = (
    Company("Galvanik Süd GmbH", "DE", "EUR", "2/10 net 30", "machined"),
    Company("Atelier Montclair SAS", "FR", "EUR", "net 30", "textile"),
)
"""Vendors that send us another account."""

NAMESAKES: tuple[Company, ...] = (
    Company("Norrland Kabel AB", "SE", "EUR", "net 30", "electrical"),
    Company("Nova Kontor GmbH", "DE", "EUR", "net 30", "office"),
)
"""Two vendors that number their invoices alike."""

GOODS: dict[str, tuple[Item, ...]] = {
    "conveyor": (
        Item("RM-400", "Roller module RM-400", "EA", "186.50"),
        Item("PU-3200", "Drive belt PU 12 × 3200", "EA", "14.20"),
        Item("SN-510", "Bearing block SN 510", "EA", "41.00"),
        Item("FP-4545", "Frame profile 45 × 45, 2 m", "EA", "11.85"),
        Item("HP-12", "Hydraulic pump 12 ccm", "EA", "318.00"),
    ),
    "packaging": (
        Item("77-210", "Folding box 400 × 300 × 200", "EA", "0.84"),
        Item("77-340", "Stretch film 23 µm, roll", "EA", "6.90"),
        Item("77-501", "Pallet label 100 × 150, roll of 500", "EA", "9.40"),
    ),
    "steel": (
        Item("S235-10", "Sheet S235, 10 mm", "KGM", "1.28"),
        Item("S355-20", "Plate S355, 20 mm", "KGM", "1.46"),
        Item("HEB-200", "Beam HEB 200", "MTR", "74.00"),
    ),
    "electrical": (
        Item("EL-1102", "Cable 3 × 2.5 mm²", "MTR", "1.95"),
        Item("EL-2240", "Contactor 24 V", "EA", "38.60"),
        Item("EL-3301", "LED panel 60 × 60", "EA", "52.40"),
        Item("EL-4107", "Emergency stop, complete", "EA", "27.80"),
    ),
    "machined": (
        Item("MC-017", "Shaft 40 h6, 320 mm", "EA", "64.00"),
        Item("MC-032", "Flange DN 80", "EA", "48.50"),
        Item("MC-055", "Mounting plate, milled", "EA", "112.00"),
    ),
    "service": (
        Item("SV-01", "Transport, full load", "EA", "640.00"),
        Item("SV-02", "Cleaning of hall 2, month", "EA", "1180.00"),
        Item("SV-03", "Fork-lift inspection", "EA", "95.00"),
    ),
    "textile": (
        Item("TX-08", "Work trousers, navy", "EA", "34.90"),
        Item("TX-11", "Safety vest, class 2", "EA", "7.20"),
        Item("TX-19", "Cleaning cloth, bale of 10 kg", "EA", "18.60"),
    ),
    "office": (
        Item("OF-101", "Copy paper A4, box", "EA", "22.50"),
        Item("OF-140", "Toner, black", "EA", "68.00"),
        Item("OF-177", "Desk lamp", "EA", "41.90"),
        Item("OF-203", "Office chair", "EA", "289.00"),
    ),
}

RATES = {"EUR": "1", "SEK": "11.5", "DKK": "7.46", "USD": "1.03"}
"""Units for one euro, rounded: for making prices in other currencies and for staying clear of thresholds."""

TAX = {
    "DE": "19",
    "AT": "20",
    "SE": "25",
    "DK": "25",
    "IT": "22",
    "NL": "21",
    "FR": "20",
    "ES": "21",
    "PL": "23",
    "IE": "23",
}

VAT_FORM = {
    "DE": "DE#########",
    "AT": "ATU########",
    "SE": "SE##########01",
    "DK": "DK########",
    "IT": "IT###########",
    "NL": "NL#########B01",
    "FR": "FR###########",
    "ES": "ESB########",
    "PL": "PL##########",
    "IE": "IE#######T",
}
"""The form of a VAT id by country; # stands for a digit."""
