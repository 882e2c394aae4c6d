"""The patient record: models, dates, parsing, and issues of what is refused.

Imports only `text` and `errors`. Begin with `models`.
"""
