"""The HTTP interface for programs: JSON under ``/api/v1``, with tokens, and nothing that a page does not do as well."""
