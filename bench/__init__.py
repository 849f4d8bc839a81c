"""Measurements of duban against hand-written floors; see README.md in this folder."""
