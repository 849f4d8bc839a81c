"""How an answer's head names what belongs to it (RFC 8288)."""

RECEIPT = "urn:duban:rel:receipt"
"""The address of the receipt of what was put on record."""
