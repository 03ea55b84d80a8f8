"""Whole sample clusters: healthy ones of every version shape, broken ones, and what the audit says of each."""
