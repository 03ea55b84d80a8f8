"""HTML for people: documents, and the parts that the pages of the exporter and the report in one file share.

Elements are htpy's, which escapes every text by its type. Nothing here joins markup by hand, and the layers above load
this package when the first document is wanted, since Prometheus alone needs none of it.
"""
