"""Documents of other formats to records.

Imports only `record`, `text` and `errors`. Begin with `detection`; `registry` lists the formats.
"""
