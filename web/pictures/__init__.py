"""Pictures drawn by the server as SVG: pure functions from plain data to a string that stands in a page."""
