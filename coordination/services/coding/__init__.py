"""The coding of invoice lines that people confirm or correct."""
