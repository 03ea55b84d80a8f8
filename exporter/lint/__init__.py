"""Lint: what is wrong in manifests before they are applied, judged without a cluster and without status.

What belongs here: reading files so that every field knows where it stands, rules that look at manifests alone, edits of
the bytes concerned. What does not: rules about a running cluster, which are checks; what admission refuses, which is in
`exporter.joins.admission`.
"""
